"""Responses: what sites do on each input of a data set, one row an input, from one run over the data."""

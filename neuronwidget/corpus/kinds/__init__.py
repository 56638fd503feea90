"""Kinds of input, as data sets and scans see them: one file a kind, one table of them all."""

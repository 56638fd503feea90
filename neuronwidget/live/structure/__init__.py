"""Finds where a model's units are: the places, their names, and how their tensors lie."""

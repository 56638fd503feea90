"""Counting of every value that a unit takes: tensors in, tensors out, no files and no models."""

"""Exemplars: which are shown of each unit, how they stand in files, and what a reader is given of them."""

"""Compares groups of inputs: which units differ, found on one half of the inputs and reported on the other."""

"""Counting and choosing in compiled loops: numba's, where it is installed."""

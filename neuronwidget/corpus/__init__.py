"""Data sets as numbered documents, cut into what a model takes in one pass."""

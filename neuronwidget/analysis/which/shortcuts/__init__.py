"""Shortcuts: does a model lean on something it should not? Candidates of one half of the data, tried on the other."""

"""Atlases: what every unit of a model did over a data set."""

"""Concepts as predicates: which inputs have one, and where in them it is."""

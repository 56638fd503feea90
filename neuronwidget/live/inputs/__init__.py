"""Kinds of input: what a person edits, what the model eats, and what is shown of it; see `registry`."""

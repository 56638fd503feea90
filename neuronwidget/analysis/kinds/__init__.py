"""Kinds of input for questions about one input: into which parts it is cut, one file a kind."""

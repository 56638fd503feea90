"""Patterns: which inputs a site treats alike (neural activation patterns), and whether that is more than chance."""

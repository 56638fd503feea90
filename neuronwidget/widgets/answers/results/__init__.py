"""Traits of the views of results: what a page is told without asking, one file a result."""

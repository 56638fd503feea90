"""Answers to what the page asks of an atlas."""

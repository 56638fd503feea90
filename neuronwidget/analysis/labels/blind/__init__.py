"""Blind tests of a label: examples to explain and to test that share no document, rounds, and their scores."""

"""Widgets with the answers to questions, one file a result: patterns of inputs, groups of units, and what differs."""

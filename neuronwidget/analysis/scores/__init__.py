"""Scores of units against a yes or no of inputs: ranks, detection, corrections, intervals, halves."""

"""Widgets: what a person sees and points at."""

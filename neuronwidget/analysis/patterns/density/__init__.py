"""Regions of points that are denser than what surrounds them (HDBSCAN)."""

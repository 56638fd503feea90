"""Directions of a site: what a unit writes, what tells two groups of inputs apart, and at which layer to steer."""

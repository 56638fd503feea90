"""Experts that are modules of their own: how they are found, and the site of their neurons."""

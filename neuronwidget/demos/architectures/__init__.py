"""Modules of the bundled models."""

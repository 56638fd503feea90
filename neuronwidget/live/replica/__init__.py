"""Replicas, on which passes run: a copy of the user's module that shares its parameters and follows its changes."""

"""Adapters, one a framework: how its models are fed, and what their places are called; see `adaptation`, `registry`."""

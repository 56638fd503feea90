"""Errors of attaching and looking at a model, in sentences for the person who did it."""

from __future__ import annotations


class AttachError(RuntimeError):
    """A model that cannot be looked into as it was given."""


class ModelGoneError(RuntimeError):
    """The module was garbage-collected while something still looked at it."""


class BusyError(RuntimeError):
    """Another thread runs the model, and it can only be looked at when it does not."""

"""Error of an edit that cannot be."""

from __future__ import annotations


class EditError(RuntimeError):
    """Raised where an edit is none, cannot act, or where its function raised or gave something that does not fit."""

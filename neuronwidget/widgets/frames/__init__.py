"""Frames: from what the page asks to the arrays that it paints."""

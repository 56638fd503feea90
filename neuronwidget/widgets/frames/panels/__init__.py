"""Panels: what each asks of the kernel, which sites it needs, and its part of a frame."""

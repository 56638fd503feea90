"""Newest edit wins, frames of bytes. Knows neither torch nor widgets."""

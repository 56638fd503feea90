"""Which units: health, comparisons, shortcuts, where something lies, context."""

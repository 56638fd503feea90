"""Questions about which units: health, comparisons, shortcuts, where something lies, context."""

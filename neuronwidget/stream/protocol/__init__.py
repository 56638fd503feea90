"""Every message that crosses the wire, in both directions, as a type."""

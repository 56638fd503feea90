"""Types of every message that crosses the wire, in both directions."""

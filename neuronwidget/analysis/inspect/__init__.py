"""What one unit does: its card, its like, what it raises directly, and how to find it."""

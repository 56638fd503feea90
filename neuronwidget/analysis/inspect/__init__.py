"""Questions about one unit: its card, its like, what it raises directly, and how to find it."""

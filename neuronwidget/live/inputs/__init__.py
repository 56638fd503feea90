"""What a person edits, what the model eats, and what is shown of it."""

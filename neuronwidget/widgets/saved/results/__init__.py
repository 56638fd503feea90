"""What a view of a result leaves in a saved notebook, one file a result."""

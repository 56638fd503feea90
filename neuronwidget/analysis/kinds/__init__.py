"""What questions about one input ask of its kind, one file a kind."""

"""What a page is told of a result without asking, one file a result."""

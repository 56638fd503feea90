"""Pictures of the views of results in saved notebooks, one file a result."""

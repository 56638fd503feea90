"""A model one can look into while it runs."""

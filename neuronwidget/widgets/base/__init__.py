"""Base classes of widgets: how they come and go, their traits, the way of a question."""

"""What all widgets share: how they come and go, their traits, the way of a question."""

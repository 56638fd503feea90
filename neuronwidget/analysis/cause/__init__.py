"""Questions that change something and see what follows: in the model's activations, or in its input."""

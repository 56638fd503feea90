"""Groups of inputs: what they may be given as, and what the model does on them."""

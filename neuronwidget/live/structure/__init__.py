"""Where a model's units are: places, how they are found, what they are called, how their tensors lie."""

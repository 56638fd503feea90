"""Plain properties of inputs and where in them a unit looks, one file a kind of input."""

"""Labels: what units are called, and how well that was tested."""

"""What a person sees and points at."""

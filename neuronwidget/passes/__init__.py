"""Many inputs through one model: what runs together, in which thread, on what."""

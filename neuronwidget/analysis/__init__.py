"""Questions to models and atlases, and their answers."""

"""Scripts that made the bundled models and their cards; they are no part of the package that people install."""

"""Live models: torch modules whose units can be looked at while they run."""

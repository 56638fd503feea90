"""One concept or several: what a unit's exemplars are made of, clustered by what the unit reads."""

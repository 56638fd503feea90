"""Localised or distributed: how many units of a site it takes to tell something."""

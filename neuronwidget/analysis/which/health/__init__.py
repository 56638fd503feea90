"""Health: which units are dead, not seen, rare, dense or saturated, with the bound that the data allow."""

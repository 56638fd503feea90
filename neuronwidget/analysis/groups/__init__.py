"""Groups of units that behave alike: correlations over a stream of inputs, linkage, and what chance would group."""

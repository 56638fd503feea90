"""Bases of live models: what passes, sites and views of any kind of input ask of one."""

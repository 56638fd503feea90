"""Kinds of input: what differs between texts, pictures and rows in a frame, a trait, and a list of exemplars."""

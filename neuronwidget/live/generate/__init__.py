"""Continues texts token by token: what came out, and the loop that makes it."""

"""Network Dissection: units of pictures that lie where a concept lies."""

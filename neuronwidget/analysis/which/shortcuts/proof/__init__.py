"""The proof: candidates are held at their means, alone and together, where nothing else gives the label away."""

"""What a widget leaves in a saved notebook for readers who have no kernel: a picture, and a sentence."""

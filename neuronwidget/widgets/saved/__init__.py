"""Pictures in saved notebooks: what a widget leaves for readers who have no kernel, with a sentence."""

"""Long questions of the page about the input that is shown, one file a question."""

"""Questions to the edits that a frame is of: beside random units, in the text that follows, at other strengths."""

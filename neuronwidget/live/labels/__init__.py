"""Labels: what units are called, by whom, and how well that was tested; a file that several notebooks may share."""

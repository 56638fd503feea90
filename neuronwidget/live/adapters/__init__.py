"""What a framework's models need said, one small module a framework; see `adaptation` and `registry`."""

"""The folder of an atlas on the disk: written whole or not at all, read with suspicion."""

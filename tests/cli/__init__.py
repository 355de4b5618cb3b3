"""The commands, against the real broker."""

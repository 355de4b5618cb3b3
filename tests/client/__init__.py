"""The client, against the real broker."""

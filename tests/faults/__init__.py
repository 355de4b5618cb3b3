"""Faults, with the real broker and worker processes. Only the models are stand-ins (see `tests.standins`)."""

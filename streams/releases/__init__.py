"""Releases of models: an event in `model-releases`, and running workers take another version, without a restart."""

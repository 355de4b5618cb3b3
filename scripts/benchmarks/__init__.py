"""Benchmarks: each prints a ratio against a peer that runs in turn with it on the same input."""

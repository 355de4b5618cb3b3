"""Which backend and precision runs a model on this machine: tried, held to reference outputs, measured."""

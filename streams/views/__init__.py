"""Topics followed into in-process indexes, in every worker: the catalogue, support memory, associations."""

"""A folder as transformers saves it, made into a model of OpenVINO, once for each set of weights."""

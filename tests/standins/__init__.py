"""Fast stand-ins for models, for the fault tests only: everything else in them is the real thing."""

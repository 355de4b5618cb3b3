"""How good the services are on judged data: the very code that the agents run, measured. Loads no torch."""

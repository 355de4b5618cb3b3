"""Measuring detection: how exact and how fast it is on annotated texts, how often it is wrong on clean ones."""

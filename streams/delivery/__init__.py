"""Delivery: from Kafka through a stage into Kafka, exactly once."""

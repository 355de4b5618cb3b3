"""The demo: made-up reviews through real Kafka and real workers, and the proof that each was answered once."""

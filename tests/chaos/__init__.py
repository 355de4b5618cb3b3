"""The kill test: workers are hurt at random under load, then every event is counted."""

"""Who gets the device when: requests of all tasks in, batches to worker threads, answers out."""

"""State in Redis: caches and fast copies. Nothing here is the only copy of anything."""

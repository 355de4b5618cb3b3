"""Erasing a user in every worker: the ledger followed, what is left of them here dropped, and that announced."""

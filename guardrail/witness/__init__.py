"""A witness of ledgers: somebody else's small service that remembers each ledger's last state and cosigns the next."""

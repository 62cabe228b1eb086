"""The log that supervisors trust: canonical bytes, a hash chain, a durable store, its check and its exports."""

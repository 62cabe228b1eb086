"""The clinic's policy: rules.yaml read, compiled, and asked for a decision."""

"""The words of guardrail as frozen data: what the rest of the house passes to each other."""

"""guardrail.internal: the pages that a clinician meets, served on loopback and reached only through the proxy."""

"""guardrail keeps a psychotherapy clinic's social-media policy on the workstation."""

__version__ = "0.1.0"

"""What holds for every test: no test judges by the clock, however busy the machine is."""

from hypothesis import settings

# Inherits what Hypothesis itself chooses (the same examples at every run where CI is set).
settings.register_profile("guardrail", parent=settings(), deadline=None)
settings.load_profile("guardrail")

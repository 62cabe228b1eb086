"""What holds for every test: none judges by the clock, however busy the machine is, nor keeps keys in its key store."""

import os

from hypothesis import settings

# Read by keyring, in the processes that tests start as well.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# Inherits what Hypothesis itself chooses (the same examples at every run where CI is set).
settings.register_profile("guardrail", parent=settings(), deadline=None)
settings.load_profile("guardrail")

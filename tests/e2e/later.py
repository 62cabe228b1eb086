"""`guardrail practice` with a clock that can be put forward, by the seconds in the file `forward` of its folder.

Started by test_grants.py as a process of its own: everything in it is real but the time.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from guardrail import house, wiring

FORWARD = Path("forward")


class MovableClock(house.SystemClock):
    """The computer's clock, put forward."""

    def now(self) -> datetime:
        """Give the later time, in UTC."""
        return super().now() + timedelta(seconds=int(FORWARD.read_text()) if FORWARD.exists() else 0)


if __name__ == "__main__":
    from guardrail.cli import main

    vars(wiring)["SystemClock"] = MovableClock
    sys.argv = ["guardrail", "practice", *sys.argv[1:]]
    main()

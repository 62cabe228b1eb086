"""What the roster's tests share: a key, the shipped sample, and the type of a function that makes rosters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import guardrail.roster
from guardrail.roster import Roster

KEY = bytes(range(32))
SAMPLE = Path(guardrail.roster.__file__).with_name("sample.csv")

type MakeRoster = Callable[..., Roster]

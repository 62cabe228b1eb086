"""The readable texts inside binary bodies (protobuf and the like), when no schema is public."""

from __future__ import annotations

import re

_RUN = re.compile(r"[\x20-\x7e\u00a0-\ufffc]{4,}")
_MAX_RUNS = 5000


def readable(text: str) -> list[str]:
    """Give each run of four and more printable characters, in order."""
    return [match.group() for _, match in zip(range(_MAX_RUNS), _RUN.finditer(text), strict=False)]

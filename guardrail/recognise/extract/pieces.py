"""Objects inside a piece of JSON that is cut off at both ends: found by a key, and read one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

MAX_OBJECT = 16 * 1024
"""Characters of an object that is read; pieces overlap by as much, so that none is lost at a cut."""
_OPENINGS = 8
_FACTOR = 8
_TRY = 32  # what a try costs at least, in characters of the budget
_DECODER = json.JSONDecoder()


def objects_with(text: str, key: str) -> Iterator[dict[str, Any]]:
    """Give the innermost object around each `"key"`, as far as it stands whole in the text.

    The work is bounded by a few times the text's length, whatever stands in it.
    """
    mark = f'"{key}"'
    budget = _FACTOR * len(text) + MAX_OBJECT
    at = text.find(mark)
    while at >= 0 and budget > 0:
        end = at + len(mark)
        opening = at
        for _ in range(_OPENINGS):
            opening = text.rfind("{", max(0, at - MAX_OBJECT), opening)
            if opening < 0:
                break
            window = text[opening : opening + MAX_OBJECT]
            try:
                value, length = _DECODER.raw_decode(window)
            except (ValueError, RecursionError) as error:
                budget -= max(getattr(error, "pos", len(window)), _TRY)
                continue
            budget -= max(length, _TRY)
            if opening + length > at:
                yield value
                end = max(end, opening + length)
                break
        budget -= max(at - opening, _TRY)
        at = text.find(mark, end)

"""Objects inside a piece of JSON that is cut off at both ends: found by a key, and read one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

MAX_OBJECT = 16 * 1024
"""Characters of an object that is read; pieces overlap by as much, so that none is lost at a cut."""
_OPENINGS = 8
_FACTOR = 3
_MISS = 200  # what a try costs beside its parse, in characters of the budget: one that fails, and one that succeeds
_TRY = 80
_DECODER = json.JSONDecoder()


def objects_with(text: str, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Give the innermost object around each `"key"` of `keys`, as far as it stands whole in the text.

    An object inside of one that was given is not given again. Objects that cannot be read are tried as long as
    that costs no more than a few reads of the whole text.
    """
    marks = [f'"{key}"' for key in keys]
    places = [text.find(mark) for mark in marks]
    budget = _FACTOR * len(text) + MAX_OBJECT
    while budget > 0:
        at = min((place for place in places if place >= 0), default=-1)
        if at < 0:
            return
        which = places.index(at)
        end = at + len(marks[which])
        opening = at
        for _ in range(_OPENINGS):
            opening = text.rfind("{", max(0, at - MAX_OBJECT), opening)
            if opening < 0:
                break
            window = text[opening : opening + MAX_OBJECT]
            try:
                value, length = _DECODER.raw_decode(window)
            except (ValueError, RecursionError) as error:
                budget -= _MISS + getattr(error, "pos", len(window))
                continue
            if opening + length > at:
                yield value
                end = max(end, opening + length)
                break
            budget -= _TRY + length
        budget -= at - max(opening, 0)
        for number, mark in enumerate(marks):
            if 0 <= places[number] < end:
                places[number] = text.find(mark, end)

"""Maps that a site sends as lists of entries: `[{"key": "firstName", "value": ["Marta"]}, …]`."""

from __future__ import annotations

from typing import Any

_NAMES = ("key", "name", "type")
_VALUES = ("value", "values")


def entries(items: Any, name: str) -> list[Any]:
    """Give the values of the entries called `name` in a list; an entry that holds a list gives each item.

    Anything that is no list of objects gives nothing.
    """
    found: list[Any] = []
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict) or all(item.get(key) != name for key in _NAMES):
            continue
        value = next((item[key] for key in _VALUES if key in item), None)
        found.extend(value if isinstance(value, list) else () if value is None else (value,))
    return found

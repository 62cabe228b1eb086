"""Places in JSON: RFC 6901 pointers, with `-1` for the last item, `*` for each and `**` for any depth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

MAX_NODES = 200_000
MAX_SEARCHED = 50_000

type Pointer = Callable[[Any], list[Any]]


def compile_pointer(text: str) -> Pointer:
    """Make a function that gives every value at `text` (`/a/0/b`, `/items/*/id`, `/**/id`).

    Raise ValueError where `text` does not begin with a slash.
    """
    if text and not text.startswith("/"):
        raise ValueError(f"`{text}` must begin with `/`")
    keys = tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])

    def read(value: Any) -> list[Any]:
        found = [value]
        for key in keys:
            found = [item for one in found for item in _step(one, key)]
            if not found:
                break
        return found

    return read


def walk(value: Any, limit: int = MAX_NODES, skip: Collection[str] = ()) -> Iterator[Any]:
    """Give every object and list in `value`, outermost first, at most `limit`, and nothing under the keys `skip`."""
    stack: list[Iterator[Any]] = [iter((value,))]
    while stack and limit > 0:
        for one in stack[-1]:
            if isinstance(one, dict | list):
                limit -= 1
                yield one
                stack.append(_inside(one, skip))
                break
        else:
            stack.pop()


def _inside(value: dict[Any, Any] | list[Any], skip: Collection[str]) -> Iterator[Any]:
    if isinstance(value, list):
        return iter(value)
    return iter([item for key, item in value.items() if key not in skip] if skip else value.values())


def _step(value: Any, key: str) -> list[Any]:
    if key == "**":
        return list(walk(value, MAX_SEARCHED))
    if key == "*":
        if isinstance(value, dict):
            return list(value.values())
        return value if isinstance(value, list) else []
    if isinstance(value, dict):
        return [value[key]] if key in value else []
    if isinstance(value, list) and key.removeprefix("-").isdecimal() and len(key) < len(str(MAX_NODES)):
        at = int(key)
        if -len(value) <= at < len(value):
            return [value[at]]
    return []

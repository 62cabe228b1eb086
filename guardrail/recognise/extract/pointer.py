"""Places in JSON: RFC 6901 pointers, with `-1` for the last item, `*` for each and `**` for any depth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

MAX_NODES = 200_000
MAX_SEARCHED = 50_000
_CONTAINERS: frozenset[type] = frozenset((dict, list))  # what JSON is parsed into; `in` is quicker than isinstance

type Pointer = Callable[[Any], list[Any]]


def compile_pointer(text: str) -> Pointer:
    """Make a function that gives every value at `text` (`/a/0/b`, `/items/*/id`, `/**/id`).

    Raise ValueError where `text` does not begin with a slash.
    """
    if text and not text.startswith("/"):
        raise ValueError(f"`{text}` must begin with `/`")
    keys = tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])
    if "*" not in keys and "**" not in keys:
        return _straight(keys)

    def read(value: Any) -> list[Any]:
        found = [value]
        for key in keys:
            found = [item for one in found for item in _step(one, key)]
            if not found:
                break
        return found

    return read


def _straight(keys: tuple[str, ...]) -> Pointer:
    """Make the pointer to one place: nearly all of them are."""
    path = tuple((key, _item(key)) for key in keys)

    def read(value: Any) -> list[Any]:
        for key, at in path:
            if isinstance(value, dict):
                if key not in value:
                    return []
                value = value[key]
            elif at is not None and isinstance(value, list) and -len(value) <= at < len(value):
                value = value[at]
            else:
                return []
        return [value]

    return read


def keyed(nodes: Iterable[Any]) -> dict[str, list[Any]]:
    """Give every value of each key that any object among `nodes` has, in order."""
    found: dict[str, list[Any]] = {}
    for node in nodes:
        if node.__class__ is dict:
            for key, value in node.items():
                if key in found:
                    found[key].append(value)
                else:
                    found[key] = [value]
    return found


def keys_of(nodes: Iterable[Any]) -> frozenset[str]:
    """Give every key that any object among `nodes` has."""
    return frozenset().union(*[node for node in nodes if node.__class__ is dict])


def walk(value: Any, limit: int = MAX_NODES, skip: Collection[str] = ()) -> list[Any]:
    """Give every object and list in `value`, level by level, at most `limit`, and nothing under the keys `skip`."""
    found: list[Any] = []
    level: list[Any] = [value] if value.__class__ in _CONTAINERS else []
    while level:
        found += level
        if len(found) >= limit:
            return found[:limit]
        if skip:
            level = [
                item
                for one in level
                for item in (
                    one
                    if one.__class__ is list
                    else [inner for key, inner in one.items() if inner.__class__ in _CONTAINERS and key not in skip]
                )
                if item.__class__ in _CONTAINERS
            ]
        else:
            level = [
                item
                for one in level
                for item in (one if one.__class__ is list else one.values())
                if item.__class__ in _CONTAINERS
            ]
    return found


def _step(value: Any, key: str) -> list[Any]:
    if key == "**":
        return walk(value, MAX_SEARCHED)
    if key == "*":
        if isinstance(value, dict):
            return list(value.values())
        return value if isinstance(value, list) else []
    if isinstance(value, dict):
        return [value[key]] if key in value else []
    at = _item(key)
    if at is not None and isinstance(value, list) and -len(value) <= at < len(value):
        return [value[at]]
    return []


def _item(key: str) -> int | None:
    """Give the number of the list item that `key` stands for."""
    return int(key) if key.removeprefix("-").isdecimal() and len(key) < len(str(MAX_NODES)) else None

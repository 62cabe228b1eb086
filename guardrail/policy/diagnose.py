"""Turns pydantic's complaints about rules.yaml into Problems for people: what is wrong, what was meant.

Where strict_yaml.problems_of speaks for any file, this knows the policy: it may show the wrong value (no client
stands in rules.yaml) and lists what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, RootModel, ValidationError

from guardrail.errors import Problem
from guardrail.policy.schema import LANGUAGE_PATTERN, RulesFile
from guardrail.strict_yaml import Document, KeyPath

_QUOTED = re.compile(r"'([^']*)'")
_PLAIN: Mapping[str, str] = {
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number, without quotes",
    "bool_type": "must be `true` or `false`",
    "list_type": "must be a list; write it as `[…]`",
    "dict_type": "must be a text per language, as `en: …` and `fr: …`",
    "model_type": "must be `key: value` lines",
    "date_from_datetime_parsing": "must be a day, as 2026-01-31",
    "date_parsing": "must be a day, as 2026-01-31",
    "date_type": "must be a day, as 2026-01-31",
}


def nearest(wrong: object, allowed: Iterable[str], *, listing: bool = True) -> str | None:
    """Give the hint for a word that is not one of `allowed`: the nearest, else the list of them."""
    names = tuple(allowed)
    near = get_close_matches(str(wrong).lower(), names, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"allowed: {', '.join(names)}" if names and listing else None


def problems_of_shape(document: Document, error: ValidationError) -> tuple[Problem, ...]:
    """Give one Problem per complaint, in the order of the file."""
    found = [_problem(document, item) for item in error.errors(include_url=False)]
    return tuple(sorted(found, key=place_in_file))


def place_in_file(problem: Problem) -> tuple[int, int]:
    """Give the key that sorts Problems as the file reads."""
    return problem.line or 0, problem.column or 0


def _problem(document: Document, item: Mapping[str, Any]) -> Problem:
    path: KeyPath = tuple(item["loc"])
    key = next((part for part in reversed(path) if isinstance(part, str)), "rules.yaml")
    wrong, hint = _show(item.get("input")), None
    match item["type"]:
        case "extra_forbidden":
            what, hint = f"unknown key `{path[-1]}`", nearest(path[-1], _keys_at(path[:-1]))
        case "missing":
            what, hint = f"the key `{path[-1]}` is missing", f"add `{path[-1]}:` here"
        case "enum" | "literal_error":
            expected = str(item["ctx"]["expected"])
            what, hint = f"`{key}` cannot be {wrong}", nearest(item["input"], _QUOTED.findall(expected) or [expected])
        case "string_pattern_mismatch":
            is_key = path[-1] == "[key]"
            what = f"the key {wrong} does not fit here" if is_key else f"`{key}` cannot be {wrong}"
            letters = "use lower-case letters, digits, `_` and `-`"
            hint = "a language is two letters, as `en`" if item["ctx"]["pattern"] == LANGUAGE_PATTERN else letters
        case "too_short" | "string_too_short":
            what, hint = f"`{key}` is empty", "fill it in or leave the key out"
        case "greater_than_equal":
            what, hint = f"`{key}` is {wrong}", f"must be {item['ctx']['ge']} at least"
        case "less_than_equal":
            what, hint = f"`{key}` is {wrong}", f"must be {item['ctx']['le']} at most"
        case "string_too_long":
            what, hint = f"`{key}` is {wrong}", f"must be {item['ctx']['max_length']} characters at most"
        case kind if kind in _PLAIN:
            what, hint = f"`{key}` is {wrong}", _PLAIN[kind]
        case _:
            what, hint = f"`{key}` is {wrong}", f"{item['msg'][:1].lower()}{item['msg'][1:]}"
    return document.problem(path, what, hint)


def _show(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a group of keys"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text[:40]}…`" if len(text) > 40 else f"`{text}`"  # noqa: PLR2004 - as much as an editor's line takes


def _keys_at(path: KeyPath) -> tuple[str, ...]:
    """Give the keys that the schema knows at `path`, by walking the models."""
    model: Any = RulesFile
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel) and not issubclass(model, RootModel):
            field = model.model_fields.get(str(part))
            model = field.annotation if field else None
        else:
            model = _inner(model)
        model = _without_none(model)
    is_part = isinstance(model, type) and issubclass(model, BaseModel) and not issubclass(model, RootModel)
    return tuple(model.model_fields) if is_part else ()


def _inner(annotation: Any) -> Any:
    """Give what a list or a dict holds."""
    return (getattr(annotation, "__args__", None) or (None,))[-1]


def _without_none(annotation: Any) -> Any:
    """Give X of `X | None`."""
    parts = getattr(annotation, "__args__", ())
    if type(None) in parts:
        return next(part for part in parts if part is not type(None))
    return annotation

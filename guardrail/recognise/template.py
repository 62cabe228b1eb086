"""Path templates: `/in/{handle}/details/**`, `/user|u/{handle:name}`, `/@{handle}`, `/{handle:name!pages}`."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

_WORD = frozenset(string.ascii_letters + string.digits + "_")
TYPES: Mapping[str, frozenset[str] | None] = {
    "any": None,
    "digits": frozenset(string.digits),
    "word": _WORD,
    "name": _WORD | frozenset(".-"),
    "token": _WORD | frozenset("-"),
    "hex": frozenset(string.hexdigits),
}
_REST = "**"


@dataclass(frozen=True, slots=True)
class Slot:
    """A segment with a placeholder: text before and after it, what it may hold, words that it may not be."""

    prefix: str
    suffix: str
    kind: str
    excluded: frozenset[str]

    def value(self, segment: str) -> str | None:
        """Give what the placeholder holds in `segment` (decoded, any case); None where it does not fit."""
        if self.prefix or self.suffix:
            lowered = segment.lower()
            if not (lowered.startswith(self.prefix) and lowered.endswith(self.suffix)):
                return None
            inner = segment[len(self.prefix) : len(segment) - len(self.suffix)]
        else:
            inner = segment
        allowed = TYPES[self.kind]
        if not inner or (allowed is not None and not allowed.issuperset(inner)):
            return None
        return None if inner.lower() in self.excluded else inner


@dataclass(frozen=True, slots=True)
class Template:
    """One path: literal segments (lower case) and slots, the names of the slots, and whether more may follow.

    Literals are compared without case and a slash at the end counts for nothing.
    """

    parts: tuple[str | Slot, ...]
    names: tuple[str | None, ...]
    open_ended: bool

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """Give the placeholders' values for a split path; None where it does not fit."""
        count = len(self.parts)
        if len(segments) < count or (len(segments) > count and not self.open_ended):
            return None
        found: dict[str, str] = {}
        for part, name, segment in zip(self.parts, self.names, segments, strict=False):
            if isinstance(part, str):
                if part != segment.lower():
                    return None
            else:
                value = part.value(segment)
                if value is None:
                    return None
                if name is not None:
                    found[name] = value
        if self.open_ended and len(segments) > count:
            found["rest"] = "/" + "/".join(segments[count:])
        return found


def compile_template(text: str, reserved: Mapping[str, frozenset[str]]) -> tuple[Template, ...]:
    """Make the templates that `text` stands for: one, or one per choice of `a|b`.

    `reserved` are the lists that `{x!list}` may name. Raise ValueError saying what is wrong.
    """
    if not text.startswith("/"):
        raise ValueError(f"the path `{text}` must begin with `/`")
    segments = [segment for segment in text.split("/") if segment]
    open_ended = bool(segments) and segments[-1] == _REST
    if open_ended:
        segments.pop()
    if any(segment == _REST for segment in segments):
        raise ValueError(f"`**` stands only at the end of a path, not inside `{text}`")
    choices = [[_segment(one, reserved) for one in _alternatives(segment)] for segment in segments]
    return tuple(
        Template(tuple(part for part, _ in chosen), tuple(name for _, name in chosen), open_ended)
        for chosen in product(*choices)
    )


def _alternatives(segment: str) -> list[str]:
    return [segment] if "{" in segment else segment.split("|")


def _segment(text: str, reserved: Mapping[str, frozenset[str]]) -> tuple[str | Slot, str | None]:
    if "{" in text:
        prefix, _, rest = text.partition("{")
        inner, closed, suffix = rest.partition("}")
        if not closed or "{" in suffix or "{" in inner:
            raise ValueError(f"the segment `{text}` must hold one `{{placeholder}}`")
        inner, _, listed = inner.partition("!")
        name, _, kind = inner.partition(":")
        kind = kind or "any"
        if kind not in TYPES:
            raise ValueError(f"`{kind}` is no type of placeholder; there are {', '.join(TYPES)}")
        words: frozenset[str] = frozenset()
        for one in filter(None, listed.split("!")):
            if one not in reserved:
                raise ValueError(f"the list `{one}` does not stand under `reserved`")
            words |= reserved[one]
        if name and not name.isidentifier():
            raise ValueError(f"`{name}` is no name for a placeholder")
        return Slot(prefix.lower(), suffix.lower(), kind, words), name or None
    if "*" in text:
        prefix, _, suffix = text.partition("*")
        if "*" in suffix:
            raise ValueError(f"the segment `{text}` may hold one `*`")
        return Slot(prefix.lower(), suffix.lower(), "any", frozenset()), None
    return text.lower(), None

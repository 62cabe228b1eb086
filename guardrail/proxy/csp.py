"""What a page's Content-Security-Policy must allow for the overlay, and nothing more (CSP level 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

ORIGIN = "https://guardrail.internal"

_NONCE = re.compile(r"^'nonce-([A-Za-z0-9+/_=-]+)'$", re.IGNORECASE)
# Each directive that governs us, with those that stand in for it, the nearest first (CSP3 section 6.8.3).
_FRAME = ("frame-src", "child-src", "default-src")
_SCRIPT = ("script-src-elem", "script-src", "default-src")

type Directives = list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Admission:
    """The edited policies, in their order, and the nonce that the overlay's tag must carry (None: none)."""

    policies: tuple[str, ...]
    nonce: str | None


def admit(policies: Sequence[str], fresh: str) -> Admission:
    """Let every one of a document's serialised policies take our script and our frame.

    `fresh` is a nonce of ours, for pages whose scripts are trusted by hash alone. A page without a nonce
    gets our origin in its list: a nonce there would switch its 'unsafe-inline' off.
    """
    parsed = [_parse(text) for text in policies]
    nonce = next((found for found in map(_nonce_of, parsed) if found is not None), None)
    if nonce is None and any(_needs_nonce(directives) for directives in parsed):
        nonce = fresh
    return Admission(tuple(_edit(text, parts, nonce) for text, parts in zip(policies, parsed, strict=True)), nonce)


def admit_frame(policy: str) -> str:
    """Let one serialised policy take our frame; for a policy in the page, which binds only what follows it."""
    parsed = _parse(policy)
    return _written(policy, parsed, _with_source(parsed, _FRAME, "frame-src", ORIGIN))


def split_policies(header: str) -> list[str]:
    """Give the policies of one header value, which may hold several behind commas."""
    return [text.strip() for text in header.split(",") if text.strip()]


def _parse(text: str) -> Directives:
    directives: Directives = []
    for part in text.split(";"):
        words = part.split()
        if words:
            directives.append((words[0].lower(), words[1:]))
    return directives


def _governing(directives: Directives, names: tuple[str, ...]) -> tuple[str, list[str]] | None:
    """Give the directive that decides: of equal names the first counts, as browsers have it."""
    for name in names:
        for found, sources in directives:
            if found == name:
                return found, sources
    return None


def _nonce_of(directives: Directives) -> str | None:
    governing = _governing(directives, _SCRIPT)
    for source in governing[1] if governing else ():
        found = _NONCE.match(source)
        if found:
            return found[1]
    return None


def _needs_nonce(directives: Directives) -> bool:
    governing = _governing(directives, _SCRIPT)
    return governing is not None and "'strict-dynamic'" in _lowered(governing[1])


def _edit(text: str, directives: Directives, nonce: str | None) -> str:
    edited = _with_source(directives, _FRAME, "frame-src", ORIGIN)
    governing = _governing(directives, _SCRIPT)
    if governing is not None:
        by_nonce = _nonce_of(directives) is not None or _needs_nonce(directives)
        source = f"'nonce-{nonce}'" if by_nonce and nonce is not None else ORIGIN
        # A list that stands in for a missing one is copied to the narrowest directive there is.
        edited = _with_source(edited, _SCRIPT, "script-src-elem", source)
    return _written(text, directives, edited)


def _written(text: str, directives: Directives, edited: Directives) -> str:
    if edited == directives:
        return text
    return "; ".join(" ".join((name, *sources)) for name, sources in edited)


def _with_source(directives: Directives, names: tuple[str, ...], own: str, source: str) -> Directives:
    governing = _governing(directives, names)
    if governing is None or _allows(governing[1], source):
        return directives
    name, sources = governing
    widened = [kept for kept in sources if kept.lower() != "'none'"] + [source]
    if name == "default-src" or (own == "frame-src" and name != own):
        return [*directives, (own, widened)]
    place = next(index for index, (found, _) in enumerate(directives) if found == name)
    return [*directives[:place], (name, widened), *directives[place + 1 :]]


def _allows(sources: list[str], source: str) -> bool:
    if any(_same(source, one) for one in sources):
        return True
    # Under 'strict-dynamic' host and scheme lists count for nothing, but then `source` is a nonce.
    return source == ORIGIN and any(word in ("*", "https:") for word in _lowered(sources))


def _same(source: str, other: str) -> bool:
    """Compare sources: the keyword of a nonce in any case, its value as it is."""
    ours, theirs = _NONCE.match(source), _NONCE.match(other)
    return source == other if ours is None or theirs is None else ours[1] == theirs[1]


def _lowered(sources: list[str]) -> list[str]:
    return [source.lower() for source in sources]

"""Host patterns: `www.bing.com`, `*.example.com`, and `www.google.*` with a finite list of suffixes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import tldextract


@cache
def _suffix_list() -> tldextract.TLDExtract:
    """Give the public suffix list that tldextract brings along; it is never fetched and never cached on disk."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def is_public_suffix(suffix: str) -> bool:
    """Whether `suffix` is a public suffix, under which anybody may register a name."""
    return _suffix_list()(f"a-name-of-its-own.{suffix}").suffix == suffix


def registrable(pattern: str) -> str | None:
    """Give the registrable domain of a host or `*.` pattern; None where it has none."""
    return _suffix_list()(pattern.removeprefix("*.")).top_domain_under_public_suffix or None


def expand(patterns: Iterable[str], suffixes: Iterable[str]) -> tuple[str, ...]:
    """Give the exact and `*.` hosts that `patterns` stand for; raise ValueError saying what is wrong."""
    endings = tuple(suffixes)
    for ending in endings:
        if not is_public_suffix(ending):
            raise ValueError(f"`{ending}` is no public suffix")
    out: list[str] = []
    for pattern in patterns:
        if pattern.endswith(".*"):
            if not endings:
                raise ValueError(f"`{pattern}` needs a list of `suffixes`")
            out.extend(f"{pattern[:-1]}{ending}" for ending in endings)
        else:
            out.append(pattern)
    for host in out:
        _check(host)
    return tuple(dict.fromkeys(out))


def covers(pattern: str, host: str) -> bool:
    """Whether `pattern` (exact or `*.`) takes `host`, which may itself be a `*.` pattern."""
    if pattern == host:
        return True
    return pattern.startswith("*.") and host.removeprefix("*").endswith(pattern[1:])


def _check(host: str) -> None:
    bare = host.removeprefix("*.")
    if host != host.lower() or "*" in bare or "/" in bare or ":" in bare or not bare.isascii():
        raise ValueError(f"`{host}` is no host: lower case, ASCII, at most a leading `*.`, no port")
    if registrable(bare) is None:
        raise ValueError(f"`{host}` has no registrable domain")

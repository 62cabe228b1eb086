"""Handles, ids and profile addresses: one key for each way to write the same account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from guardrail.roster.fold import fold_handle, word_set

ANY_SITE = "*"

# Hosts whose first label is not the name that guardrail's site files use.
_SITES = {
    "fb.com": "facebook",
    "fb.me": "facebook",
    "m.me": "facebook",
    "messenger.com": "facebook",
    "instagr.am": "instagram",
    "ig.me": "instagram",
    "twitter.com": "x",
    "lnkd.in": "linkedin",
    "bsky.app": "bluesky",
    "threads.com": "threads",
    "youtu.be": "youtube",
}
_ALIASES = {
    "twitter": "x",
    "fb": "facebook",
    "ig": "instagram",
    "insta": "instagram",
    "bsky": "bluesky",
    "yt": "youtube",
}
# Path segments that stand before the account.
_LEADS = word_set("in pub people p profile profiles user users u c channel mwlite add company")
_SECOND_LEVEL = word_set("co com org net gov ac")
_SITE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_ADDRESS = re.compile(r"(?:https?://)?[a-z0-9][a-z0-9.-]{0,250}\.[a-z]{2,24}(?::\d{1,5})?/.+", re.IGNORECASE)
_EDGE = "\"'“”«»()[]{}<>.,:;!?…。，、（）「」"
_LONGEST = 2048
# A handle among other words is known by a full stop, an underscore or a digit in it.
_MARKED = re.compile(r"[._0-9]")
_NO_HANDLE = re.compile(r"[^\w.-]")
_LONGEST_AMONG, _MOST_AMONG, _LEAST_HANDLE, _LEAST_ID = 200, 6, 4, 8


def site_name(text: str) -> str:
    """Give a site's name as guardrail's site files have it: `twitter` and `Twitter.com` are `x`."""
    name = text.strip().lower()
    return _site_of_host(name) if "." in name else _ALIASES.get(name, name)


def account_keys(site: str, account: str) -> Iterator[str]:
    """Give the keys under which `account` (a handle or an id) of `site` is looked up; none for an empty one."""
    folded = fold_handle(account).rstrip("/")
    if site == "facebook":
        folded = folded.replace(".", "")  # Facebook takes a handle with and without its dots.
    if folded:
        yield f"{site}\0{folded}"


def parse_account(text: str) -> tuple[str, str] | None:
    """Read one entry of the roster's column `handles`: `site:handle`, `site:id`, `@handle`, a profile address.

    Give site (ANY_SITE for `@handle`) and account; None where it is none of these.
    """
    text = text.strip()
    if not text or any(char.isspace() for char in text) or len(text) > _LONGEST:
        return None
    if text.startswith("@"):
        return (ANY_SITE, text[1:]) if text[1:] and not set("@/:") & set(text[1:]) else None
    address = parse_address(text)
    if address is not None:
        return address
    site, colon, account = text.partition(":")
    if not colon or not account.strip("@") or not _SITE_NAME.fullmatch(site.lower()):
        return None
    inner = parse_address(account)
    if inner is None and "//" in account:
        return None
    return inner or (site_name(site), account.removeprefix("@"))


def parse_address(text: str) -> tuple[str, str] | None:
    """Read a profile's address, with or without its scheme; give site and account, None for any other text."""
    if len(text) > _LONGEST or not _ADDRESS.fullmatch(text):
        return None
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").rstrip(".")
        query = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    site = _site_of_host(host)
    if site == "facebook" and parts.path.rstrip("/").endswith("profile.php"):
        return (site, query["id"][0]) if "id" in query else None
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    if site == "facebook" and segments[:1] == ["people"]:
        segments = segments[2:]  # /people/Some-Name/1000…: the number is the account
    elif len(segments) > 1 and segments[0].lower() in _LEADS:
        segments = segments[1:]
    return (site, segments[0].removeprefix("@")) if segments else None


def accounts_in(text: str) -> Iterator[tuple[str, str]]:
    """Give the accounts that stand in a text as `@handle` or as a profile address. Total; linear."""
    if "@" not in text and "/" not in text:
        return
    for word in text.split():
        bare = word.strip(_EDGE)
        if bare.startswith("@"):
            yield ANY_SITE, bare[1:]
        elif "/" in bare:
            found = parse_address(bare)
            if found is not None:
                yield found


def handles_among(text: str) -> list[tuple[str, str]]:
    """Give words of a short text that look like handles, each with ANY_SITE and the sites that other words may name."""
    marked = _MARKED.search(text)
    if marked is None or len(text) > _LONGEST_AMONG or _is_year(text[text.rfind(" ", 0, marked.start()) + 1 :]):
        return []  # most often it is a year at the end
    words = text.split()
    if not 1 < len(words) <= _MOST_AMONG or all(word.isalpha() or _is_year(word) for word in words):
        return []
    words = [word.strip(_EDGE).rpartition(":")[2] for word in words]
    found: list[tuple[str, str]] = []
    for word in words:
        if len(word) >= _LEAST_HANDLE and _MARKED.search(word) and not (_NO_HANDLE.search(word) or _is_year(word)):
            found += [(ANY_SITE, word), *((site_name(other), word) for other in words if other != word)]
    return found


def _is_year(word: str) -> bool:
    """Whether a word is a number that is too short for an id."""
    return word.isdecimal() and len(word) < _LEAST_ID


def _site_of_host(host: str) -> str:
    labels = host.split(".")
    for start in range(len(labels) - 1):
        known = _SITES.get(".".join(labels[start:]))
        if known is not None:
            return known
    labels = labels[:-1] if len(labels) > 1 else labels
    if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
        labels = labels[:-1]
    return _ALIASES.get(labels[-1], labels[-1])

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

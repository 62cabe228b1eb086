"""A day of ordinary browsing on the watched sites, as Chromium saves it (HAR 1.2): the same day for the same seed.

It is made of everything of which a case or a form says that it is no action, varied; of preflights of what would be
one; of the practice sites' own pages and what they load; and of what browsers fetch from the sites all day. Run as a
program it writes the file: `python -m tests.recognise.ordinary_day day.har [SEED]`.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import orjson
from starlette.types import ASGIApp, Message

from guardrail import practice
from guardrail.practice.people import PEOPLE
from guardrail.recognise import SiteIndex, load_sites
from tests.recognise.ordinary_traffic import Fetch, beside, everywhere, filled, of_site

HERE = Path(__file__).parent
SOURCES = (*(HERE.parent / "cases").glob("*.jsonl"), HERE / "meta_forms.jsonl", *(HERE / "forms").glob("*.jsonl"))
SEED = 20261102
_NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1{}.0.0.0 Safari/537.36"
_LONG_NUMBER = re.compile(r"(?<![\w.-])[1-9]\d{8,19}(?![\w.-])")
# What a page asks for, not whom: the numbers of stored GraphQL documents.
_DOCUMENT = re.compile(r"(?:doc|query)_id[=:\"' ]+(\d+)")
# What browsers say of a request, by what is fetched: destination, mode, what is accepted.
_KINDS = {
    "document": ("document", "navigate", "text/html,application/xhtml+xml,*/*;q=0.8"),
    "image": ("image", "no-cors", "image/avif,image/webp,*/*;q=0.8"),
    "script": ("script", "no-cors", "*/*"),
    "stylesheet": ("style", "no-cors", "text/css,*/*;q=0.1"),
    "font": ("font", "cors", "*/*"),
    "media": ("video", "no-cors", "*/*"),
    "manifest": ("manifest", "cors", "*/*"),
    "websocket": ("websocket", "websocket", "*/*"),
    "eventsource": ("empty", "cors", "text/event-stream"),
    "ping": ("empty", "no-cors", "*/*"),
    "xhr": ("empty", "cors", "application/json, text/plain, */*"),
}


@cache
def cases() -> tuple[dict[str, Any], ...]:
    """Give every case and form, of files in the order of their names."""
    lines = (line for file in sorted(SOURCES) for line in file.read_bytes().splitlines() if line.strip())
    return tuple(orjson.loads(line) for line in lines)


def day(index: SiteIndex, seed: int = SEED) -> list[Fetch]:
    """Give all requests of the day, in the order in which they are made."""
    chance = Random(seed)  # noqa: S311 - the same day for the same seed, nothing secret
    fetched = [dressed(one, chance) for one in (*_negatives(chance), *_preflights(), *_pages())]
    for site in index.sites:
        for host in _hosts(site.hosts):
            fetched += [dressed(one, chance) for one in everywhere(host, chance) if _stands_on(host, one)]
        fetched += [dressed(one, chance) for one in of_site(site.id, chance)]
    fetched += [dressed(one, chance) for _ in range(20) for one in beside(chance)]
    chance.shuffle(fetched)
    return fetched


def har(fetched: Sequence[Fetch], seed: int = SEED) -> dict[str, Any]:
    """Write the requests down the way Chromium's developer tools export them."""
    chance = Random(seed)  # noqa: S311 - as above
    creator = {"name": "WebInspector", "version": "537.36"}
    page = {"startedDateTime": _stamp(0), "id": "page_1", "title": "", "pageTimings": {"onLoad": 812.4}}
    entries = [_entry(number, one, chance) for number, one in enumerate(fetched)]
    return {"log": {"version": "1.2", "creator": creator, "pages": [page], "entries": entries}}


# -- what the day is made of -------------------------------------------------------------------------------------


def _negatives(chance: Random) -> Iterator[Fetch]:
    for case in cases():
        if case["expect"]["action"] is None:
            fetch = recorded(case["request"])
            yield fetch
            yield varied(fetch, chance)


def _preflights() -> Iterator[Fetch]:
    for case in cases():
        if case["expect"]["action"] is not None and case["request"]["method"] != "GET":
            asked = {"Access-Control-Request-Method": case["request"]["method"], "Origin": "https://www.example.org"}
            yield Fetch("preflight", "OPTIONS", case["request"]["url"], asked)


def _hosts(patterns: Sequence[str]) -> list[str]:
    """Give hosts that stand for a site's: the first that it names, and one below a wildcard."""
    named = [pattern for pattern in patterns if "*" not in pattern]
    below = [f"static{pattern[1:]}" for pattern in patterns if pattern.startswith("*.")]
    return [*named[:1], *below[:1]]


def _stands_on(host: str, fetch: Fetch) -> bool:
    """Whether a host has such a page at all: on those that only lead to people, every page is somebody."""
    return fetch.kind != "document" or host not in ("m.me", "msngr.com")


def recorded(request: dict[str, Any]) -> Fetch:
    """Make a case's request one that a browser makes."""
    headers = dict(request["headers"] or {})
    return Fetch(
        _kind(request, {name.lower(): text for name, text in headers.items()}),
        request["method"],
        request["url"],
        headers,
        request["body"],
    )


def varied(fetch: Fetch, chance: Random) -> Fetch:
    """Give the same request of another moment: other long numbers, another order, something against caches."""
    said = " ".join((unquote(fetch.url), unquote(fetch.body or ""), *fetch.headers.values()))
    stays = set(_DOCUMENT.findall(said))
    others = {one: _other(one, chance) for one in dict.fromkeys(_LONG_NUMBER.findall(said)) if one not in stays}

    def now(text: str) -> str:
        for number, other in others.items():
            text = text.replace(number, other)
        return text

    address, mark, query = now(fetch.url).partition("?")
    pairs = query.split("&")
    if query and len({pair.partition("=")[0] for pair in pairs}) == len(pairs) and "#" not in query:
        chance.shuffle(pairs)
        if fetch.method == "GET" and chance.random() < 0.5:
            pairs.append(f"_={filled('at', chance)}")
    body = None if fetch.body is None else now(fetch.body)
    headers = {name: now(text) for name, text in fetch.headers.items()}
    return Fetch(fetch.kind, fetch.method, f"{address}{mark}{'&'.join(pairs)}", headers, body)


def _other(number: str, chance: Random) -> str:
    return f"{chance.randint(1, 9)}" + "".join(chance.choices("0123456789", k=len(number) - 1))


def dressed(fetch: Fetch, chance: Random) -> Fetch:
    """Add what every request of a browser carries, where the request does not say it itself."""
    said = {name.lower() for name in fetch.headers}
    target, mode, accept = _KINDS.get(fetch.kind, _KINDS["xhr"])
    host = urlsplit(fetch.url).hostname or ""
    usual = {
        "accept": accept,
        "accept-encoding": "gzip, deflate, br, zstd",
        "accept-language": chance.choice(("en-CA,en;q=0.9", "fr-CA,fr;q=0.9,en;q=0.8", "en-US,en;q=0.9")),
        "sec-fetch-dest": target,
        "sec-fetch-mode": mode,
        "sec-fetch-site": "none" if fetch.kind == "document" else "same-origin",
        "user-agent": _AGENT.format(chance.randint(38, 44)),
        "cookie": f"sid={filled('key', chance)}; theme=dark",
        "cache-control": chance.choice(("no-cache", "max-age=0")),
    }
    if fetch.kind != "document":
        usual |= {"referer": f"https://{host}/", "origin": f"https://{host}"}
    # A request that says some of this itself was recorded with all that it said of itself.
    own = {"sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site"}
    hidden = said | (own if said & own else set())
    more = {name: text for name, text in usual.items() if name not in hidden}
    return Fetch(fetch.kind, fetch.method, fetch.url, {**fetch.headers, **more}, fetch.body)


def _kind(request: dict[str, Any], headers: dict[str, str]) -> str:
    by_target = {target: kind for kind, (target, _, _) in _KINDS.items()}
    if "upgrade" in headers or request["url"].startswith("wss:"):
        return "websocket"
    if "sec-fetch-dest" in headers:
        return by_target.get(headers["sec-fetch-dest"], "document")
    return "document" if request["method"] == "GET" and "x-requested-with" not in headers else "xhr"


# -- the practice sites ------------------------------------------------------------------------------------------


class _Links(HTMLParser):
    """Collects what a page loads, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an address by what it is for."""
        said = dict(attrs)
        kinds = {"script": "script", "img": "image", "link": "stylesheet", "a": "document", "iframe": "document"}
        if address := said.get("src") or said.get("href"):
            self.found.append((kinds.get(tag, "image"), address))


def _pages() -> Iterator[Fetch]:
    """Walk through the practice sites from their first pages, as far as it is about nobody."""
    yield from asyncio.run(_walk(practice.build()))


async def _walk(app: ASGIApp) -> list[Fetch]:
    waiting = [Fetch("document", "GET", f"https://{host}/") for host in sorted(practice.HOSTS)]
    seen: dict[str, Fetch] = {}
    while waiting:
        fetch = waiting.pop()
        if fetch.url in seen or _about_somebody(fetch.url):
            continue
        seen[fetch.url] = fetch
        links = _Links()
        if fetch.kind == "document":
            links.feed(await _load(app, fetch.url))
        for kind, address in links.found:
            url = urljoin(fetch.url, address)
            if urlsplit(url).hostname in practice.HOSTS:
                waiting.append(Fetch(kind, "GET", url))
    return list(seen.values())


def _about_somebody(url: str) -> bool:
    """Whether an address names a person, asks who follows, or searches: all that may be an action."""
    text = url.lower()
    names = [word for one in PEOPLE for word in (one.facebook, one.instagram, one.linkedin, one.x, one.facebook_id)]
    return any(
        word in text
        for word in (*filter(None, names), "search", "follow", "like", "reply", "recommend", "user", "quietharbour")
    )


async def _load(app: ASGIApp, url: str) -> str:
    """Give the body that the practice sites answer with (ASGI, in this process)."""
    parts = urlsplit(url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", (parts.hostname or "").encode())],
        "server": (parts.hostname, 443),
        "client": ("127.0.0.1", 1),
    }
    answered: list[bytes] = []
    asked: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not asked:
            await asyncio.Event().wait()  # nobody hangs up before the page is there
        return asked.pop()

    async def send(message: Message) -> None:
        answered.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(answered).decode("utf-8", "replace")


# -- the file ----------------------------------------------------------------------------------------------------


def _entry(number: int, fetch: Fetch, chance: Random) -> dict[str, Any]:
    parts = urlsplit(fetch.url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    first = ((":authority", parts.netloc), (":method", fetch.method), (":path", target), (":scheme", "https"))
    headers = [{"name": name, "value": text} for name, text in (*first, *fetch.headers.items())]
    request: dict[str, Any] = {
        "method": fetch.method,
        "url": fetch.url,
        "httpVersion": "http/2.0",
        "headers": headers,
        "queryString": [{"name": name, "value": text} for name, text in parse_qsl(parts.query)],
        "cookies": [],
        "headersSize": -1,
        "bodySize": len(fetch.body or ""),
    }
    if fetch.body is not None:
        kinds = [text for name, text in fetch.headers.items() if name.lower() == "content-type"]
        request["postData"] = {"mimeType": kinds[0] if kinds else "", "text": fetch.body}
    picture = fetch.kind in ("image", "font", "media")
    content = {"size": 43, "mimeType": "image/gif" if picture else "text/plain"}
    content |= {"text": "R0lGODlhAQABAAAAACw=", "encoding": "base64"} if picture else {"text": ""}
    return {
        "_initiator": {"type": "other"},
        "_priority": "Low",
        "_resourceType": fetch.kind,
        "cache": {},
        "pageref": "page_1",
        "request": request,
        "response": {"status": 200, "statusText": "", "httpVersion": "http/2.0", "headers": [], "cookies": [],
                     "content": content, "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 43},
        "serverIPAddress": "192.0.2.7",
        "startedDateTime": _stamp(number),
        "time": round(chance.uniform(4, 400), 3),
        "timings": {"blocked": 1.2, "dns": -1, "ssl": -1, "connect": -1, "send": 0.2, "wait": 30.5, "receive": 1.1},
    }  # fmt: skip


def _stamp(number: int) -> str:
    return (_NINE + timedelta(seconds=4 * number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(orjson.dumps(har(day(load_sites(), int(sys.argv[2]) if sys.argv[2:] else SEED))))

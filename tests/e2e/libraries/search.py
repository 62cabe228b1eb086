"""ddgs: seven search engines behind one call, with a browser's TLS and headers; and the engines it has switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddgs import DDGS
from ddgs.base import BaseSearchEngine
from ddgs.engines.bing import Bing
from ddgs.engines.google import Google
from ddgs.engines.yandex import Yandex
from ddgs.exceptions import DDGSException

from tests.e2e.libraries.call import Call, Library, Way
from tests.e2e.upstream import Answer

FOUND = "https://bakers.example/rye"
PATIENCE = 20
"""Seconds; the library's own five are few for a busy machine."""
# The library takes a browser's shape by chance; one of them is a browser that asks ahead of its person, and what is
# asked ahead is refused without an entry.
AS_ASKED = {"sec-purpose": ""}

# One page that each engine's reader finds one result in, by the marks that it looks for.
PAGE = f"""<?xml version="1.0"?><html><body>
<form id="search"><input name="sc" value="abc"></form><script>vqd="4-123"</script>
<div data-type="web"><a href="{FOUND}"><div class="title">Rye</div></a>
<div class="snippet"><div class="content">Bread</div></div></div>
<div class="web-result body"><h2>Rye</h2><a href="{FOUND}">Bread</a></div>
<ul class="results"><li><h2><a href="{FOUND}">Rye</a></h2><p class="s">Bread</p></li></ul>
<div class="result css-1"><a href="{FOUND}"></a><h2>Rye</h2><p>Bread</p></div>
<div class="relsrch"><div class="compTitle"><h3>Rye</h3><a href="{FOUND}"></a></div>
<div class="compText">Bread</div></div>
<div><div><a href="/url?q={FOUND}&amp;sa=U"><span>Rye</span></a></div>
<div><table><tr><td>Bread</td></tr></table></div></div>
<ol><li class="b_algo"><h2><a href="{FOUND}">Rye</a></h2><p>Bread</p></li>
<li class="serp-item"><h3><a href="{FOUND}">Rye</a></h3><div class="text">Bread</div></li></ol>
<div class="newsitem" data-title="Rye" url="{FOUND}" data-author="Bakers"><span aria-label="2 days"></span></div>
</body></html>"""
NEWS = {"results": [{"date": 1760000000, "title": "Rye", "excerpt": "Bread", "url": FOUND, "source": "x"}]}

ANSWERS = (
    Answer("GET", "duckduckgo.com", "/news.js", NEWS),
    *(
        Answer("*", host, "*", PAGE)
        for host in (
            "duckduckgo.com",
            "html.duckduckgo.com",
            "search.brave.com",
            "www.mojeek.com",
            "www.startpage.com",
            "search.yahoo.com",
            "www.bing.com",
            "www.google.com",
            "yandex.com",
        )
    ),
)

KINDS = {"brave": "text", "duckduckgo": "text", "mojeek": "text", "startpage": "text", "yahoo": "text"}
OTHER_KINDS = (("news", "duckduckgo"), ("news", "bing"))
SWITCHED_OFF: tuple[type[BaseSearchEngine[Any]], ...] = (Google, Bing, Yandex)


def _make(way: Way) -> DDGS:
    return DDGS(proxy=way.proxy, verify=str(way.ca), timeout=PATIENCE)


def _ask(kind: str, engine: str, words: str) -> Callable[[DDGS], object]:
    def ask(ddgs: DDGS) -> object:
        for one in ddgs._get_engines(kind, engine):
            one.http_client.client.headers_update(AS_ASKED)
        found = getattr(ddgs, kind)(words, backend=engine)
        return [one.get("href") or one["url"] for one in found]

    return ask


def _ask_class(engine: type[BaseSearchEngine[Any]], words: str) -> Callable[[DDGS], object]:
    def ask(ddgs: DDGS) -> object:
        asked = engine(proxy=ddgs._proxy, timeout=PATIENCE, verify=ddgs._verify)
        asked.http_client.client.headers_update(AS_ASKED)
        return [one.href for one in asked.search(words) or ()]

    return ask


def _calls() -> tuple[Call, ...]:
    by_name = [(f"{kind} {name}", _ask, (kind, name), DDGSException) for name, kind in KINDS.items()]
    by_name += [(f"{kind} {name}", _ask, (kind, name), DDGSException) for kind, name in OTHER_KINDS]
    calls = []
    for name, ask, place, told in by_name:
        calls.append(Call(name, ask(*place, "Margit Ollander"), "Ollander", "search", told=told))
        calls.append(Call(f"{name}: a topic", ask(*place, "rye bread starter"), "rye bread", gives=[FOUND]))
        calls.append(Call(f"{name}: somebody else", ask(*place, "Jorunn Halvorsdal"), "Jorunn", gives=[FOUND]))
    for engine in SWITCHED_OFF:
        calls.append(Call(engine.name, _ask_class(engine, '"Ollander, Margit" rye'), "Ollander", "search", told=[]))
        calls.append(Call(f"{engine.name}: a topic", _ask_class(engine, "rye bread"), "rye bread", gives=[FOUND]))
    return tuple(calls)


LIBRARY = Library("ddgs", _make, ANSWERS, _calls())

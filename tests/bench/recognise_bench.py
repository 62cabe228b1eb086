"""What recognising one request costs, in microseconds: the index beside the linear oracle and adblock's engine.

`python -m tests.bench.recognise_bench` prints JSON lines. All engines see the same requests in the same run;
adblock (the engine of adblock-rust, a compiled library) gets one network filter per recogniser and path, and only
answers whether a URL matches: it is a yardstick for the matching, not an equal.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

import adblock
import orjson

from guardrail.model.http import HttpRequest
from guardrail.recognise.compile import CompiledSite
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.load import load_sites
from guardrail.recognise.recogniser import Recogniser
from guardrail.recognise.template import Template

ROUNDS = 15
_BROWSER = (
    (b"accept", b"*/*"),
    (b"accept-language", b"en-CA,en;q=0.9"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"),
    (b"sec-fetch-site", b"same-origin"),
    (b"sec-fetch-mode", b"cors"),
    (b"sec-fetch-dest", b"empty"),
)
_FORM = {
    "query": "jane doe of ottawa",
    **dict.fromkeys(("cat", "t", "sc", "abd", "abe", "qsr", "qadf", "lui"), "x" * 24),
}
_PROMPT = {"action": "next", "model": "auto", "messages": [{"content": {"parts": ["who is jane doe of ottawa"]}}]}


def _get(host: str, path: str, query: str = "") -> HttpRequest:
    return HttpRequest("GET", "https", host, 443, path, query, _BROWSER)


def _post(host: str, path: str, kind: bytes, body: bytes) -> HttpRequest:
    return HttpRequest("POST", "https", host, 443, path, "", (*_BROWSER, (b"content-type", kind)), body)


def requests() -> Mapping[str, HttpRequest]:
    """Give the requests that are measured, by what they stand for."""
    return {
        "unwatched host": _get("portal.a-bank.example", "/accounts/overview", "from=2026-01-01"),
        "watched host, asset": _get("www.google.com", "/xjs/_/js/k=xjs.s.en.A.O/am=B/d=1/rs=C/m=cdos,hsm,jsa"),
        "watched host, telemetry": _get("www.google.com", "/gen_204", "atyp=csi&ei=A&s=web&t=all&imn=12"),
        "recognised, address only": _get("www.google.com", "/search", "q=jane+doe&oq=jan&sourceid=chrome&ie=UTF-8"),
        "recognised, form body": _post(
            "www.startpage.com", "/sp/search", b"application/x-www-form-urlencoded", urlencode(_FORM).encode()
        ),
        "recognised, JSON body": _post(
            "chatgpt.com", "/backend-api/f/conversation", b"application/json", orjson.dumps(_PROMPT)
        ),
    }


def median_us(call: Callable[[], object], loops: int) -> float:
    """Give the median over ROUNDS of the microseconds that one call takes."""
    for _ in range(min(loops, 50)):
        call()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter_ns()
        for _ in range(loops):
            call()
        taken.append((time.perf_counter_ns() - start) / loops / 1000)
    return statistics.median(taken)


def copies(index: SiteIndex, times: int) -> SiteIndex:
    """Give the same sites `times` over, the copies on hosts of their own: what growth alone costs."""
    return SiteIndex([*index.sites, *(_renamed(site, at) for at in range(1, times) for site in index.sites)])


def adblock_engine(recognisers: Sequence[Recogniser]) -> adblock.Engine:
    """Make adblock's engine of one filter per recogniser, host and path (at most 40 hosts each)."""
    rules = [
        f"||{host.removeprefix('*.')}{_filter(template)}"
        for one in recognisers
        for host in one.hosts[:40]
        for template in one.templates
    ]
    filters = adblock.FilterSet()
    filters.add_filter_list("\n".join(rules))
    return adblock.Engine(filters)


def measure() -> Iterator[dict[str, object]]:
    """Give one line per request: medians of each engine."""
    index = load_sites()
    large = copies(index, 10)
    recognisers = [one for site in index.sites for one in site.recognisers]
    engine = adblock_engine(recognisers)
    for name, request in requests().items():
        url = request.url
        yield {
            "what": f"recognise: {name}",
            "unit": "us",
            "index": round(median_us(partial(index.recognise, request), 2000), 3),
            "index, 10 times the sites": round(median_us(partial(large.recognise, request), 2000), 3),
            "linear oracle": round(median_us(partial(index.scan_all, request), 5), 1),
            "adblock": round(median_us(partial(engine.check_network_urls, url, url, "xhr"), 500), 3),
            "recognisers": len(recognisers),
        }


def _renamed(site: CompiledSite, at: int) -> CompiledSite:
    def host(name: str) -> str:
        star, _, rest = name.rpartition("*.")
        return f"{star}*.copy{at}-{rest}" if name.startswith("*.") else f"copy{at}-{name}"

    return replace(
        site,
        hosts=tuple(map(host, site.hosts)),
        recognisers=tuple(replace(one, hosts=tuple(map(host, one.hosts))) for one in site.recognisers),
    )


def _filter(template: Template) -> str:
    parts = [part if isinstance(part, str) else "*" for part in template.parts]
    return "/" + "/".join(parts) + ("" if template.open_ended else "^")


if __name__ == "__main__":
    for line in measure():
        sys.stdout.write(orjson.dumps(line).decode() + "\n")

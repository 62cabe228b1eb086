"""What recognising one request and learning from one answer costs, each beside its peers in the same run.

`python -m tests.bench.recognise_bench` prints JSON lines; times are those of the processor, so that what else the
machine does counts little. All engines see the same requests in the same run;
adblock (the engine of adblock-rust, a compiled library) gets one network filter per recogniser and path, and only
answers whether a URL matches: it is a yardstick for the matching, not an equal. Answers are scanned for identities
beside orjson, which only parses them.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import adblock
import orjson

from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise.compile import CompiledSite
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.lines import sample_of
from guardrail.recognise.load import load_sites
from guardrail.recognise.recogniser import Recogniser
from guardrail.recognise.tally import Tally
from guardrail.recognise.template import Template

ROUNDS = 15
CASES = Path(__file__).parent.parent / "cases"
RECORDED = ("li-sdui-connect-19", "li-editprofile-neg-63")
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
_EVENT = {"event": "scroll", "page": "/physician/dr-x", "depth": 40}
_OPERATION = {
    "operationName": "GetBizPhotos",
    "variables": {"encBizId": "a" * 22},
    "extensions": {"documentId": "b" * 64},
}
_PROMPT = {"action": "next", "model": "auto", "messages": [{"content": {"parts": ["who is jane doe of ottawa"]}}]}


def _get(host: str, path: str, query: str = "") -> HttpRequest:
    return HttpRequest("GET", "https", host, 443, path, query, _BROWSER)


def _post(host: str, path: str, kind: bytes, body: bytes) -> HttpRequest:
    return HttpRequest("POST", "https", host, 443, path, "", (*_BROWSER, (b"content-type", kind)), body)


def requests() -> Mapping[str, HttpRequest]:
    """Give the requests that are measured, by what they stand for."""
    kind = b"application/json"
    return {
        "unwatched host": _get("portal.a-bank.example", "/accounts/overview", "from=2026-01-01"),
        "watched host, asset": _get("www.google.com", "/xjs/_/js/k=xjs.s.en.A.O/am=B/d=1/rs=C/m=cdos,hsm,jsa"),
        "watched host, telemetry": _get("www.google.com", "/gen_204", "atyp=csi&ei=A&s=web&t=all&imn=12"),
        "review host, unrelated POST": _post(
            "www.healthgrades.com", "/api3/usersearch/log", kind, orjson.dumps(_EVENT)
        ),
        "review host, unrelated GraphQL": _post("www.yelp.com", "/gql/batch", kind, orjson.dumps([_OPERATION])),
        "recognised, address only": _get("www.google.com", "/search", "q=jane+doe&oq=jan&sourceid=chrome&ie=UTF-8"),
        "recognised, form body": _post(
            "www.startpage.com", "/sp/search", b"application/x-www-form-urlencoded", urlencode(_FORM).encode()
        ),
        "recognised, JSON body": _post("chatgpt.com", "/backend-api/f/conversation", kind, orjson.dumps(_PROMPT)),
    }


def median_us(call: Callable[[], object], loops: int) -> float:
    """Give the median over ROUNDS of the microseconds that one call takes."""
    for _ in range(min(loops, 50)):
        call()
    taken = []
    for _ in range(ROUNDS):
        start = time.thread_time_ns()
        for _ in range(loops):
            call()
        taken.append((time.thread_time_ns() - start) / loops / 1000)
    return statistics.median(taken)


def crowded(index: SiteIndex, more: int) -> SiteIndex:
    """Give the same sites with at least `more` further recognisers, on the same hosts and on paths of their own."""
    count = sum(len(site.recognisers) for site in index.sites)
    return SiteIndex([*index.sites, *(_moved(site, at) for at in range(-(-more // count)) for site in index.sites)])


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


def recorded() -> Mapping[str, HttpRequest]:
    """Give requests of the corpus that cost most: a large body that is an action, and one that is none."""
    lines = [orjson.loads(line) for line in (CASES / "x-linkedin.jsonl").read_bytes().splitlines() if line.strip()]
    cases = {case["id"]: sample_of(case).request for case in lines}
    return {f"recorded, {name}": cases[name] for name in RECORDED}


def answers() -> Mapping[str, tuple[HttpRequest, HttpResponse]]:
    """Give answers of about 1 MB: a feed with a person every 6 kB, one with nobody, a list of nothing but people."""
    photo = {"width": 640, "height": 640, "url": "https://scontent.example/v/t51/" + "y" * 150}
    posts = [
        {"taken_at": 1, "pk": str(at), "id": f"{at}_{at}", "code": f"C{at}", "user": _user(at), "text": "words " * 30}
        | {"image_versions2": {"candidates": [photo] * 22}, "flags": {"a": True, "b": None, "c": [1, 2, 3]}}
        for at in range(170)
    ]
    nobody = [{"urn": f"urn:li:update:{at}", "text": "words " * 30, "artifacts": [photo] * 22} for at in range(190)]
    instagram, linkedin = _get("www.instagram.com", "/api/v1/feed/"), _get("www.linkedin.com", "/voyager/api/graphql")
    return {
        "feed with 170 people": (instagram, _json({"items": posts})),
        "feed with nobody": (linkedin, _json({"included": nobody})),
        "2,200 people and nothing else": (instagram, _json({"users": [_user(at) for at in range(2200)]})),
    }


def measure() -> Iterator[dict[str, object]]:
    """Give one line per request and per answer: medians of each engine."""
    index = load_sites()
    gc.freeze()  # as the proxy does
    large = crowded(index, 2000)
    recognisers = [one for site in index.sites for one in site.recognisers]
    engine = adblock_engine(recognisers)
    for name, request in {**requests(), **recorded()}.items():
        url = request.url
        plain, grown = median_pair(partial(index.recognise, request), partial(large.recognise, request), 2000)
        yield {
            "what": f"recognise: {name}",
            "unit": "us",
            "index": round(plain, 3),
            "index, 2,000 recognisers more": round(grown, 3),
            "linear oracle": round(median_us(partial(index.scan_all, request), 5), 1),
            "adblock": round(median_us(partial(engine.check_network_urls, url, url, "xhr"), 500), 3),
            "recognisers": len(recognisers),
        }
    tally, asset = Tally(), _get("www.linkedin.com", "/aero-v1/sc/h/app.js")
    calls: dict[str, Callable[[], object]] = {
        "does a script's answer teach": partial(index.learns_from, asset, "text/javascript"),
        "does an image's answer teach": partial(index.learns_from, asset, "image/webp"),
        "count a request": partial(tally.saw, index, asset, None),
    }
    for name, call in calls.items():
        yield {"what": name, "unit": "us", "index": round(median_us(call, 5000), 3)}
    for name, (request, answer) in answers().items():
        scan, parse = median_pair(partial(index.learn, request, answer), partial(orjson.loads, answer.body), 5)
        yield {
            "what": f"learn: {name}",
            "unit": "MB/s",
            "scan": round(len(answer.body) / scan, 1),
            "orjson alone": round(len(answer.body) / parse, 1),
            "people": len(index.learn(request, answer)),
        }


def median_pair(one: Callable[[], object], other: Callable[[], object], loops: int) -> tuple[float, float]:
    """Give `median_us` of both, measured in turns: what else the machine does falls on both."""
    pairs = [(_once_us(one, loops), _once_us(other, loops)) for _ in range(ROUNDS)]
    return statistics.median(first for first, _ in pairs), statistics.median(second for _, second in pairs)


def _once_us(call: Callable[[], object], loops: int) -> float:
    start = time.thread_time_ns()
    for _ in range(loops):
        call()
    return (time.thread_time_ns() - start) / loops / 1000


def _user(at: int) -> dict[str, object]:
    return {
        "pk": str(10**9 + at),
        "username": f"user.{at}",
        "full_name": f"Jane Doe {at}",
        "is_private": False,
        "profile_pic_url": "https://scontent.example/v/t51/" + "x" * 180,
        "is_verified": False,
        "account_badges": [],
        "latest_reel_media": 0,
    }


def _json(value: object) -> HttpResponse:
    return HttpResponse(200, ((b"content-type", b"application/json; charset=utf-8"),), orjson.dumps(value))


def _moved(site: CompiledSite, at: int) -> CompiledSite:
    def below(template: Template) -> Template:
        return replace(template, parts=(f"copy{at}", *template.parts), names=(None, *template.names))

    recognisers = tuple(replace(one, templates=tuple(map(below, one.templates))) for one in site.recognisers)
    return replace(site, recognisers=recognisers)


def _filter(template: Template) -> str:
    parts = [part if isinstance(part, str) else "*" for part in template.parts]
    return "/" + "/".join(parts) + ("" if template.open_ended else "^")


if __name__ == "__main__":
    for line in measure():
        sys.stdout.write(orjson.dumps(line).decode() + "\n")

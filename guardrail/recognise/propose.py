"""A site file's first draft, from traffic that a browser saved: what to look for is guessed, no value is kept.

People finish it: they check each action, and put in whom it is about. It loads as it is, with low confidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import yaml

from guardrail.model.action import ActionKind
from guardrail.model.http import HttpRequest
from guardrail.recognise.extract.urltext import decode, split_fields
from guardrail.recognise.hosts import registrable
from guardrail.recognise.tally import action_name
from guardrail.recognise.view import View

_QUERIES = ("q", "query", "keyword", "keywords", "search", "search_query", "searchterm", "term", "text", "name", "p")
_KINDS: tuple[tuple[tuple[str, ...], ActionKind], ...] = (
    (("accept",), ActionKind.CONNECT_ACCEPT),
    (("recommend", "solicit", "reviewrequest", "review_request"), ActionKind.REVIEW_SOLICIT),
    (("review",), ActionKind.REVIEW_REPLY),
    (("friend", "connect", "invit"), ActionKind.CONNECT_REQUEST),
    (("follow", "subscri"), ActionKind.FOLLOW),
    (("repl", "comment"), ActionKind.COMMENT),
    (("message", "poke", "nudge"), ActionKind.MESSAGE),
    (("like", "react", "endorse"), ActionKind.REACT),
)
_WHOM = re.compile(r"(?i)(user|member|profile|friend|recipient|target|invitee|actor|thread|review|account|person)")
_PLAIN = re.compile(r"[a-z][a-z_-]{1,29}")
_DEEPEST_KEY = 3
"""Keys above one that still names somebody: deeper ones are the site's own bookkeeping."""
_OF_PEOPLE = frozenset(("user", "users", "u", "people", "person", "profile", "profiles", "in", "member", "members"))
_MAX_RECOGNISERS = 40


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft: its text, and how many requests of the recording it looks at."""

    text: str
    recognisers: int


def propose(site: str, requests: Iterable[HttpRequest]) -> Proposal:
    """Draft the site file `site` for the domain that most of `requests` went to; raise ValueError where none did."""
    all_of_them = [request for request in requests if registrable(request.host) is not None]
    domains = [registrable(request.host) for request in all_of_them]
    if not domains:
        raise ValueError("the recording holds no request to a site")
    domain = max(dict.fromkeys(domains), key=domains.count)
    own = [request for request in all_of_them if registrable(request.host) == domain]
    drafts: dict[tuple[object, ...], dict[str, Any]] = {}
    hosts: dict[str, None] = {}
    for request in own:
        draft = _search(request) if request.method == "GET" else _act(request)
        if draft is not None and len(drafts) < _MAX_RECOGNISERS:
            hosts[request.host] = None
            drafts.setdefault((draft["action"], draft["when"]["path"], str(draft["when"].get("operation"))), draft)
    if not drafts:
        raise ValueError(f"nothing in the recording of {domain} looks like a search or an action")
    for number, draft in enumerate(drafts.values(), 1):
        draft["id"] = f"{draft['action'].replace('_', '-')}-{number}"
    data = {"site": site, "name": site.capitalize(), "hosts": list(hosts), "recognisers": list(drafts.values())}
    head = "# A draft made from a recording: check each action, and say in `take` whom it is about.\n"
    return Proposal(head + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110), len(drafts))


def _search(request: HttpRequest) -> dict[str, Any] | None:
    fields = split_fields(request.query) or {}
    key = next((name for name in _QUERIES if any(fields.get(name, ()))), None)
    if key is None or not any(word in request.path.lower() for word in ("search", "find", "results", "suggest")):
        return None
    path, shown = _path(request.path)
    kind = ActionKind.SUGGEST if "suggest" in request.path.lower() or "typeahead" in request.path.lower() else None
    return _draft(
        kind or ActionKind.SEARCH,
        {"path": path},
        {"query": f"query {key}"},
        {"url": f"{shown}?{key}=jane+doe", "expect": {"query": "jane doe"}},
        shown,
    )


def _act(request: HttpRequest) -> dict[str, Any] | None:
    name = action_name(request)
    if name is None:
        return None
    kind = next((kind for words, kind in _KINDS if any(word in name.lower() for word in words)), ActionKind.MESSAGE)
    path, shown = _path(request.path)
    when: dict[str, Any] = {"method": request.method, "path": path}
    example: dict[str, Any] = {"url": shown, "method": request.method}
    if name not in request.path:
        when["operation"] = re.sub("#+", "*", name)
        example["headers"] = {"x-operation-name": re.sub("#+", "1", name)}
    take: dict[str, str] = {}
    whom = _whom(request)
    if whom is not None:
        source, steps, body = whom
        take["id"] = f"{source} {steps}"
        example |= body | {"expect": {"id": "1000000001"}}
    elif "{id:digits}" in path:
        example["expect"] = {"id": "1000000001"}
    return _draft(kind, when, take, example, f"GET {shown}")


def _whom(request: HttpRequest) -> tuple[str, str, dict[str, Any]] | None:
    """Give where a body names somebody: the source, its argument, and an example of it with another number."""
    view = View(request, ())
    value = view.json()
    if isinstance(value, dict):
        pointer = next(_pointers(value, ()), None)
        if pointer is not None:
            return "json", "/" + "/".join(pointer), {"json": _nested(pointer)}
        return None
    for key in split_fields(request.body.decode("utf-8", "replace")) or {}:
        if _WHOM.search(key) and _PLAIN.fullmatch(key.lower()) and view.form(key):
            return "form", key, {"form": {key: "1000000001"}}
    return None


def _pointers(value: Any, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, inner in value.items():
        if not isinstance(key, str) or not re.fullmatch(r"[A-Za-z_]+", key) or len(above) > _DEEPEST_KEY:
            continue
        if isinstance(inner, str | int) and _WHOM.search(key):
            yield (*above, key)
        elif isinstance(inner, dict):
            yield from _pointers(inner, (*above, key))


def _nested(pointer: Sequence[str]) -> Any:
    value: Any = "1000000001"
    for key in reversed(pointer):
        value = {key: value}
    return value


def _path(raw: str) -> tuple[str, str]:
    """Give the template of a path and an example of it: plain words stay, all else is a placeholder."""
    template, shown = [], []
    before = ""
    for segment in filter(None, raw.split("/")):
        text = decode(segment, plus=False)
        if text.isdecimal() and text.isascii():
            first = "{id:digits}" not in template
            template.append("{id:digits}" if first else "{:digits}")
            shown.append("1000000001")
        elif _PLAIN.fullmatch(text) and before not in _OF_PEOPLE:
            template.append(text)
            shown.append(quote(text))
        else:
            template.append("{}")
            shown.append("someone")
        before = text.lower()
    return "/" + "/".join(template), "/" + "/".join(shown)


def _draft(
    kind: ActionKind, when: dict[str, Any], take: dict[str, str], example: dict[str, Any], ignored: str
) -> dict[str, Any]:
    draft: dict[str, Any] = {"id": "", "action": str(kind), "when": when}
    if take:
        draft["take"] = take
    return draft | {"confidence": "low", "examples": {"match": [example], "ignore": [ignored]}}

"""Empty, well-formed answers to suggestions, each in its site's own format: a closed table.

The shapes follow what the sites' own clients accept (OpenSearch Suggestions 1.1 for most of them).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

_JSON = "application/json; charset=utf-8"
_SUGGESTIONS = "application/x-suggestions+json; charset=utf-8"
_SCRIPT = "text/javascript; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_UNINCLUDABLE = b")]}'\n"

type Answer = tuple[str, bytes]


def _json(shape: Callable[[str], Any], content_type: str = _JSON, before: bytes = b"", after: bytes = b"") -> Any:
    return lambda query: (content_type, before + orjson.dumps(shape(query)) + after)


def _opensearch(query: str) -> Any:
    return [query, []]


_FORMATS: Mapping[str, Callable[[str], Answer]] = {
    "opensearch": _json(_opensearch, _SUGGESTIONS),
    "opensearch_json": _json(_opensearch),
    "google_gws": _json(lambda query: [[], {"q": query}], before=_UNINCLUDABLE),
    "google_omnibox": _json(
        lambda query: [query, [], [], [], {"google:suggesttype": [], "google:suggestrelevance": []}],
        _SCRIPT,
        before=_UNINCLUDABLE,
    ),
    "google_maps": _json(lambda query: [[query, []]], before=_UNINCLUDABLE),
    "google_jsonp": _json(lambda query: [query, [], {}], _SCRIPT, before=b"window.google.ac.h(", after=b")"),
    "bing_list": lambda _: (_HTML, b"<ul></ul>"),
    "bing_qbox": _json(lambda query: [query, [], [], [], {"google:suggesttype": []}], _SUGGESTIONS),
    "yahoo_gossip": _json(lambda query: {"gossip": {"qry": query, "results": []}}),
    "startpage": _json(lambda _: {"suggestions": []}),
    "qwant": _json(lambda _: {"status": "success", "data": {"items": [], "special": []}}),
    "naver": _json(lambda query: {"query": [query], "items": [[]]}),
    "baidu_su": _json(
        lambda query: {"q": query, "p": False, "s": []}, _SCRIPT, before=b"window.baidu.sug(", after=b");"
    ),
    "baidu_sugrec": _json(lambda query: {"q": query, "p": False, "g": []}),
    "yelp": _json(lambda query: {"response": [], "prefix": query}),
    "chatgpt": _json(lambda _: {"completions": []}),
    "perplexity": _json(lambda _: {"results": []}),
    "facebook_graphql": _json(lambda _: {"data": {}, "extensions": {"is_final": True}}),
    "facebook_typeahead": _json(lambda _: {"payload": {"entries": []}}, _SCRIPT, before=b"for (;;);"),
    "instagram_topsearch": _json(
        lambda _: {"users": [], "places": [], "hashtags": [], "has_more": False, "rank_token": "", "status": "ok"}
    ),
    "linkedin_graphql": _json(lambda _: {"data": {"data": {}}, "included": []}),
    "linkedin_elements": _json(lambda _: {"elements": [], "paging": {"start": 0, "count": 0, "links": []}}),
    "x_typeahead": _json(
        lambda query: {"num_results": 0, "users": [], "topics": [], "events": [], "lists": [], "query": query}
    ),
    "bluesky_actors": _json(lambda _: {"actors": []}),
    "tiktok_suggest": _json(lambda _: {"sug_list": [], "status_code": 0}),
    "pinterest": _json(lambda _: {"resource_response": {"status": "success", "code": 0, "data": {"items": []}}}),
    "json_list": _json(lambda _: []),
    "json_object": _json(lambda _: {}),
    "nothing": lambda _: ("text/plain; charset=utf-8", b""),
}
FORMATS: tuple[str, ...] = tuple(_FORMATS)


def empty_answer(name: str, query: str) -> Answer:
    """Give content type and body of an empty answer in format `name`; an unknown name gives `json_object`."""
    clean = query.encode("utf-8", "replace").decode("utf-8")  # orjson refuses lone surrogates
    return _FORMATS.get(name, _FORMATS["json_object"])(clean)

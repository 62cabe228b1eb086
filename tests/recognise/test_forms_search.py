"""Search engines, assistants and the smaller networks in forms that the corpus lacks.

Each file of `forms/` is a table of one site's forms with what each is. Beside it stand changes that change nothing:
the order of parameters, how a space is written, the transport of a form, the white space of JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson
import pytest

from guardrail.recognise import SiteIndex
from guardrail.recognise.lines import outcome_of, sample_of
from tests.recognise.score import judge

type Form = dict[str, Any]

FORMS = Path(__file__).parent / "forms"
ENGINES = (
    *("google", "bing", "yahoo", "duckduckgo", "brave", "ecosia", "startpage", "qwant", "yandex", "baidu", "kagi"),
    *("mojeek", "swisscows", "ask", "aol", "naver", "searxng", "wayback"),
)
ASSISTANTS = ("chatgpt", "copilot", "gemini", "perplexity", "claude", "grok", "meta-ai")
NETWORKS = (
    *("mastodon", "messenger", "nextdoor", "reddit", "youtube", "tiktok"),
    *("pinterest", "snapchat", "bluesky", "x", "linkedin"),
)
CASES: tuple[Form, ...] = tuple(
    orjson.loads(line)
    for site in (*ENGINES, *ASSISTANTS, *NETWORKS)
    for line in (FORMS / f"{site}.jsonl").read_bytes().splitlines()
)
ACTIONS = tuple(case for case in CASES if case["expect"]["action"])
PARTS = ("site", "action", "recogniser", "query", "target_id", "target_handle", "target_name", "actor_id")
PICTURES = frozenset(("lns_mode", "iss", "ep"))  # a picture was asked with, whatever the words beside it
FORM_TYPE = "application/x-www-form-urlencoded"


def outcome(case: Form, index: SiteIndex) -> dict[str, Any]:
    """Give what a form is, part by part."""
    found = outcome_of(sample_of(case), index)
    return {part: found[part] for part in PARTS}


def changed(case: Form, **request: Any) -> Form:
    """Give the form with parts of its request replaced."""
    return {**case, "request": {**case["request"], **request}}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_form_is_what_it_says(case: Form, index: SiteIndex) -> None:
    """Each line is recognised as its `expect` says, part by part, or not at all."""
    judged = judge(case, index)
    assert judged.wrong == (), judged.got


@pytest.mark.parametrize("site", [*ENGINES, *ASSISTANTS, *NETWORKS])
def test_every_site_has_harmless_forms_beside_the_others(site: str) -> None:
    """No table is of one kind alone."""
    kinds = {bool(case["expect"]["action"]) for case in CASES if case["site"] == site}
    assert kinds == {True, False}


def _reversed(query: str) -> str:
    return "&".join(reversed(query.split("&")))


def _spaces(query: str) -> str:
    return query.replace("+", "%20") if "+" in query else query.replace("%20", "+")


def _padded(query: str) -> str:
    return f"zx=1&{query}&_=1761000000000"


def _coded(query: str) -> str:
    return query.replace("a", "%61").replace("i", "%69").replace("L%69st(", "List(")  # Rest.li's own word is no text


@pytest.mark.parametrize("change", [_reversed, _spaces, _padded, _coded])
def test_how_a_query_is_written_changes_nothing(change: Callable[[str], str], index: SiteIndex) -> None:
    """Order of parameters, `+` and `%20`, parameters more, letters in percent codes: all the same request."""
    different = []
    for case in ACTIONS:
        parts = urlsplit(case["request"]["url"])
        repeated = len({key for key, _ in parse_qsl(parts.query, keep_blank_values=True)}) != parts.query.count("=")
        if not parts.query or repeated or "%2B" in parts.query:
            continue
        other = changed(case, url=urlunsplit(parts._replace(query=change(parts.query))))
        if outcome(other, index) != outcome(case, index):
            different.append((case["id"], other["request"]["url"]))
    assert different == []


def _slashed(path: str) -> str:
    return f"{path.rstrip('/')}/"


def _doubled(path: str) -> str:
    return path.replace("/", "//")


@pytest.mark.parametrize("change", [_slashed, _doubled])
def test_slashes_in_a_path_change_nothing(change: Callable[[str], str], index: SiteIndex) -> None:
    """A slash at the end and double slashes lead to the same address."""
    different = []
    for case in ACTIONS:
        parts = urlsplit(case["request"]["url"])
        other = changed(case, url=urlunsplit(parts._replace(path=change(parts.path or "/"))))
        if outcome(other, index) != outcome(case, index):
            different.append((case["id"], other["request"]["url"]))
    assert different == []


def _kind(case: Form) -> str:
    headers: dict[str, str] = case["request"]["headers"]
    return headers.get("content-type", "").partition(";")[0]


def test_a_form_may_be_sent_in_parts(index: SiteIndex) -> None:
    """The fields of an urlencoded body mean the same in multipart."""
    forms = [case for case in ACTIONS if _kind(case) == FORM_TYPE]
    assert forms
    for case in forms:
        parts = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in parse_qsl(case["request"]["body"], keep_blank_values=True)
        )
        headers = {**case["request"]["headers"], "content-type": "multipart/form-data; boundary=b"}
        other = changed(case, headers=headers, body=f"{parts}--b--\r\n")
        assert outcome(other, index) == outcome(case, index), case["id"]


def test_the_order_of_a_forms_fields_changes_nothing(index: SiteIndex) -> None:
    """Fields are found by name."""
    for case in ACTIONS:
        if _kind(case) == FORM_TYPE:
            fields = parse_qsl(case["request"]["body"], keep_blank_values=True)
            other = changed(case, body=urlencode(fields[::-1]))
            assert outcome(other, index) == outcome(case, index), case["id"]


@pytest.mark.parametrize("kind", ["application/json", "text/plain;charset=UTF-8", "application/vnd.api+json"])
def test_how_json_is_written_changes_nothing(kind: str, index: SiteIndex) -> None:
    """White space, the order of keys and the type that a body claims to be do not matter."""
    written = [case for case in ACTIONS if _kind(case) == "application/json"]
    assert written
    for case in written:
        body = orjson.dumps(orjson.loads(case["request"]["body"]), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        headers = {**case["request"]["headers"], "content-type": kind}
        other = changed(case, headers=headers, body=body.decode())
        assert outcome(other, index) == outcome(case, index), case["id"]


def test_the_oracle_agrees(index: SiteIndex) -> None:
    """Trying every recogniser one by one gives what the index gives."""
    for case in CASES:
        request = sample_of(case).request
        assert index.scan_all(request) == index.recognise(request), case["id"]


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE"])
def test_a_preflight_and_a_deletion_are_no_action(method: str, index: SiteIndex) -> None:
    """What only asks whether it may, and what takes back, is left alone on every one of these addresses."""
    plain = [case for case in ACTIONS if "x-http-method-override" not in case["request"]["headers"]]
    assert [case["id"] for case in plain if outcome(changed(case, method=method), index)["action"]] == []


@pytest.mark.parametrize("site", ENGINES)
def test_an_empty_query_is_no_search(site: str, index: SiteIndex) -> None:
    """Nothing was asked where the query is empty, white space alone, or left out."""
    for case in ACTIONS:
        parts = urlsplit(case["request"]["url"])
        query = case["expect"].get("query")
        if case["site"] != site or not query or case["request"]["method"] != "GET" or case["request"]["body"]:
            continue
        fields = parse_qsl(parts.query)
        if not any(value == query for _, value in fields) or not PICTURES.isdisjoint(dict(fields)):
            continue
        for nothing in ("", " "):
            asked = urlencode([(key, nothing if value == query else value) for key, value in fields])
            other = changed(case, url=urlunsplit(parts._replace(query=asked)))
            assert outcome(other, index)["action"] is None, other["request"]["url"]

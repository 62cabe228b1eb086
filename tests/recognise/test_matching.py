"""Globs, path templates and pipelines: the small languages of site files."""

from __future__ import annotations

import fnmatch
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.model.http import HttpRequest
from guardrail.recognise.extract.urltext import split_path
from guardrail.recognise.globs import Globs, compile_glob
from guardrail.recognise.pipeline import Condition, compile_pipeline
from guardrail.recognise.template import compile_template
from guardrail.recognise.view import View

RESERVED = {"pages": frozenset({"login", "about"}), "more": frozenset({"jobs"})}


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_globs_match_as_shells_do(glob: str, text: str) -> None:
    """The standard library's (backtracking) matcher agrees."""
    assert compile_glob(glob)(text) == fnmatch.fnmatchcase(text, glob)


def test_a_hostile_glob_is_linear() -> None:
    """Many stars over a long text need no backtracking."""
    assert not compile_glob("*a" * 200 + "b")("a" * 50_000)


@pytest.mark.parametrize(
    ("globs", "text", "wanted"),
    [
        (["Follow*", "!*Undo"], "FollowMe", True),
        (["Follow*", "!*Undo"], "FollowUndo", False),
        (["!*Undo"], "anything", True),
        (["A", "B"], "B", True),
        (["A"], "a", False),
    ],
)
def test_lists_of_globs(globs: list[str], text: str, wanted: bool) -> None:
    """One must match, no `!` may; `!` alone lets all else through."""
    assert Globs(globs)(text) is wanted


@pytest.mark.parametrize(
    ("template", "path", "found"),
    [
        ("/search", "/Search/", {}),
        ("/search", "/search/x", None),
        ("/in/{handle}/**", "/in/J%C3%A1/details/x", {"handle": "Já", "rest": "/details/x"}),
        ("/in/{handle}/**", "/in/ja", {"handle": "ja"}),
        ("/{handle:name!pages!more}", "/jobs", None),
        ("/{handle:name!pages}", "/ABOUT", None),
        ("/{handle:name!pages}", "/jobs", {"handle": "jobs"}),
        ("/{handle:name}", "/a b", None),
        ("/@{handle}", "/@jane", {"handle": "jane"}),
        ("/@{handle}", "/jane", None),
        ("/user|u/{id:digits}.json", "/u/12.JSON", {"id": "12"}),
        ("/user|u/{id:digits}.json", "/users/12.json", None),
        ("/a/*/c", "/a/b/c", {}),
        ("/a/*.js", "/a/x.js", {}),
        ("/{:digits}/x", "/12/x", {}),
        ("/", "/", {}),
        ("/**", "/a/b", {"rest": "/a/b"}),
    ],
)
def test_templates_match_paths(template: str, path: str, found: dict[str, str] | None) -> None:
    """Words, placeholders with types and reserved words, text around them, open ends."""
    made = compile_template(template, RESERVED)
    matches = [match for one in made if (match := one.match(split_path(path))) is not None]
    assert (matches[0] if matches else None) == found


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("search", "begin with"),
        ("/**/x", "only at the end"),
        ("/{a", "one"),
        ("/{a}{b}", "one"),
        ("/{a:number}", "no type"),
        ("/{a!nobody}", "reserved"),
        ("/{a b}", "no name"),
        ("/a*b*c", "one `*`"),
    ],
)
def test_a_wrong_template_says_what_is_wrong(template: str, what: str) -> None:
    """The message is for whoever writes a site file."""
    with pytest.raises(ValueError, match=what.replace("*", r"\*")):
        compile_template(template, RESERVED)


def view_of(query: str = "", body: bytes = b"", kind: str = "", **headers: str) -> View:
    """Make the view of a request."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"content-type", kind.encode()))
    request = HttpRequest("POST", "https", "www.example.com", 443, "/a/b", query, tuple(raw), body)
    return View(request, split_path(request.path))


FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@pytest.mark.parametrize(
    ("pipeline", "view", "value"),
    [
        ("query q", view_of("q=&q=jane+doe"), "jane doe"),
        ("raw_query v | restli | at /keywords", view_of("v=(keywords:a%2Cb)"), "a,b"),
        ("query first + query none + query last", view_of("last=Doe&first=Jane"), "Jane Doe"),
        ("query u | urn", view_of("u=urn%3Ali%3Amember%3A7"), "7"),
        ("query u | like x* | urn", view_of("u=urn%3Ali%3Amember%3A7"), None),
        ("query u | unlike x*", view_of("u=y"), "y"),
        ("query u | digits", view_of("u=7a"), None),
        ("query u | split - | others", view_of("u=1-2"), "1"),
        ("query u | words '+'", view_of("u=a%2Bb"), "a b"),
        ("query u | unquote", view_of("u=a%252Fb"), "a/b"),
        ("query u | before , | after .", view_of("u=a.b,c"), "b"),
        ("form id", view_of(body=b"id=5", kind=FORM), "5"),
        ("form id", view_of(body=b"id=5"), "5"),
        ("form id", view_of(body=b'{"id":5}', kind=JSON), None),
        ("form s | signed | at /user_id", view_of(body=b"s=SIG.%7B%22user_id%22%3A9%7D", kind=FORM), "9"),
        ("json /a/0", view_of(body=b'{"a":[true]}', kind=JSON), "true"),
        ("json /a", view_of(body=b'{"a":" \\ud83d x "}', kind=JSON), "? x"),
        ("json /a/*/t | join", view_of(body=b'{"a":[{"t":"x"},{"t":"y"}]}', kind=JSON), "x y"),
        ("json /a/*/t | join ,", view_of(body=b'{"a":[{"t":"x"},{"t":"y"}]}', kind=JSON), "x,y"),
        ("json /**/b", view_of(body=b'{"a":[{"b":{"c":1}},{"b":2}]}', kind=JSON), "2"),
        ("json /**/b/c", view_of(body=b'{"a":[{"b":{"c":1}},{"b":2}]}', kind=JSON), "1"),
        ("json /**/0/b", view_of(body=b'{"a":[{"b":3}]}', kind=JSON), "3"),
        ("json /**/*/c", view_of(body=b'{"a":[{"b":{"c":1}}]}', kind=JSON), "1"),
        ("variable /**/c", view_of(body=b'[{"variables":{"b":{"c":1}}}]', kind=JSON), "1"),
        ("variable /id", view_of("variables=(id:4)"), "4"),
        ("variable /id", view_of("variables=%7B%22id%22%3A4%7D"), "4"),
        ("variable /id", view_of(body=b'{"variables":{"id":4}}', kind="text/plain"), "4"),
        ("body | events | at /event", view_of(body=b'{"event":"send"}'), "send"),
        (
            "readable | like urn:*",
            view_of(body=b"\x00\x01urn:li:member:3\x02", kind="application/x-protobuf"),
            "urn:li:member:3",
        ),
        ("header x-user", view_of(x_user="7"), "7"),
        ("cookie twid | unquote | after =", view_of(cookie="a=b; twid=u%3D12"), "12"),
        ("referer | segment 1", view_of(referer="https://www.example.com/in/jane"), "jane"),
        ("url | segment -1", view_of(), "b"),
    ],
)
def test_pipelines_give_a_text(pipeline: str, view: View, value: str | None) -> None:
    """Each source and step, as the manual describes it."""
    view.actor = "2"
    assert compile_pipeline(pipeline).first(view) == value


@pytest.mark.parametrize(
    ("pipeline", "what"),
    [
        ("quary q", "did you mean `query`"),
        ("query", "needs argument"),
        ("body x", "takes no argument"),
        ("query q | jason", "did you mean `json`"),
        ("json id", "must begin with"),
        ("query q | segment x", "invalid literal"),
        ("query q + nothing", "is no source"),
    ],
)
def test_a_wrong_pipeline_says_what_is_wrong(pipeline: str, what: str) -> None:
    """Names are checked against the closed tables, with a hint."""
    with pytest.raises(ValueError, match=what):
        compile_pipeline(pipeline)


@pytest.mark.parametrize(
    ("wanted", "query", "holds"),
    [
        (True, "q=x", True),
        (True, "q=", False),
        (False, "q=", True),
        (False, "q=x", False),
        (Globs(["a*"]), "q=b&q=ab", True),
        (Globs(["a*"]), "", False),
        (Globs(["!a*"]), "", True),
        (Globs(["!a*"]), "q=b&q=ab", False),
    ],
)
def test_conditions_look_at_every_value(wanted: Any, query: str, holds: bool) -> None:
    """There, not there, any of, none of."""
    assert Condition(compile_pipeline("query q"), wanted).holds(view_of(query)) is holds


def test_a_body_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many recognisers ask, JSON is parsed a single time."""
    parsed: list[bytes] = []

    def parse(body: bytes) -> Any:
        parsed.append(body)
        return orjson.loads(body)

    monkeypatch.setattr("guardrail.recognise.reading.parse_exactly", parse)
    view = view_of(body=b'{"a":1,"b":2}', kind=JSON)
    for _ in range(5):
        assert compile_pipeline("json /a").first(view) == "1"
    assert len(parsed) == 1

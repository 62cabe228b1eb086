"""Shapes of people in answers: objects, lists, scripts in pages, stretches of text."""

from __future__ import annotations

import pytest

from guardrail.model.action import Identity
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise import SiteIndex
from guardrail.recognise.learn import compile_learn, merge
from guardrail.recognise.schema import LearnSpec
from guardrail.recognise.view import View

SPEC = {
    "answers": ["json", "html", "script"],
    "path": ["/api/**", "/page/**"],
    "skip": ["viewer"],
    "objects": [
        {
            "has": ["pk", "username"],
            "where": {"at /kind": ["user", "!bot"], "at /deleted": False},
            "id": "at /pk",
            "handle": "at /username",
            "name": ["at /full", "at /first + at /last"],
            "alias": "at /invitation | urn",
        }
    ],
    "lists": [{"where": {"at /2": "https://*/contrib/*"}, "id": "at /0", "name": "at /1"}],
    "texts": [
        {"id": {"after": 'href="/p/', "before": '"'}, "name": {"after": 'class="n">', "before": "<"}},
        {"repeat": False, "handle": "url | segment 1", "name": {"after": "<title>", "before": "</title>"}},
    ],
}
PAGE = (
    "<html><title>Jane &amp; Co</title>"
    '<script nonce=x>F({key:1, data:[["7","Jane D.","https://g/contrib/7"]], s:{}});</script>'
    '<script type="application/json">{"pk":3,"username":"k","kind":"user"}</script>'
)
LEARNER = compile_learn("example", LearnSpec.model_validate(SPEC))


def learned(path: str, kind: str, body: str) -> tuple[Identity, ...]:
    """Give what an answer teaches."""
    request = HttpRequest("GET", "https", "www.example.com", 443, path, "")
    if not LEARNER.wants(request, kind):
        return ()
    view = View(request, tuple(path.strip("/").split("/")))
    return merge(LEARNER.learn(view, HttpResponse(200, ((b"content-type", kind.encode()),), body.encode())))


@pytest.mark.parametrize(
    ("path", "kind", "body", "people"),
    [
        (
            "/api/x",
            "application/json",
            '{"a":[{"pk":1,"username":"@Jane","full":"Jane Doe","kind":"user","invitation":"urn:li:inv:9"}]}',
            (Identity("example", "1", "jane", "Jane Doe", ("9",)),),
        ),
        (
            "/api/x",
            "application/json",
            '{"viewer":{"pk":8,"username":"me","kind":"user"},"a":{"viewer":[{"pk":9,"username":"we","kind":"user"}]}}',
            (),
        ),
        (
            "/api/x",
            "application/json",
            '{"pk":1,"username":"j","kind":"user","first":"Jane","last":"Doe"}\n{"pk":2,"username":"k","kind":"bot"}',
            (Identity("example", "1", "j", "Jane Doe"),),
        ),
        ("/api/x", "application/json", '{"pk":1,"username":"j","kind":"user","deleted":true}', ()),
        ("/elsewhere", "application/json", '{"pk":1,"username":"j","kind":"user"}', ()),
        ("/api/x", "image/png", '{"pk":1,"username":"j","kind":"user"}', ()),
        ("/api/x", "application/json", '{"pk":1,"user', ()),
        (
            "/page/jane",
            "text/html",
            PAGE,
            (
                Identity("example", "7", None, "Jane D."),
                Identity("example", "3", "k"),
                Identity("example", None, "jane", "Jane & Co"),
            ),
        ),
        (
            "/api/x",
            "text/html",
            '<a href="/p/1"><b class="n">Jane</b></a><a href="/p/2"></a><a href="/p/3"><b class="n">Joan</b></a>',
            (Identity("example", "1", None, "Jane"), Identity("example", "3", None, "Joan")),
        ),
    ],
)
def test_answers_teach_people(path: str, kind: str, body: str, people: tuple[Identity, ...]) -> None:
    """Every shape, and what does not have it."""
    assert learned(path, kind, body) == people


def test_one_person_is_put_together() -> None:
    """Shapes of the same id add up; what names one thing only is dropped."""
    parts = [Identity("e", "1", "j"), Identity("e", "1", None, "J"), Identity("e", "2"), Identity("e", None, None, "X")]
    assert merge(parts) == (Identity("e", "1", "j", "J"),)


def test_a_wrong_shape_is_refused() -> None:
    """Steps are checked when the file is compiled."""
    with pytest.raises(ValueError, match="is no step"):
        compile_learn("e", LearnSpec.model_validate({"objects": [{"has": "a", "id": "ad /a"}]}))
    with pytest.raises(ValueError, match="is no source"):
        compile_learn("e", LearnSpec.model_validate({"texts": [{"id": "nowhere"}]}))


@pytest.mark.parametrize(
    ("path", "destination", "kind", "teaches"),
    [
        ("/api/v1/feed", "empty", "application/json; charset=utf-8", True),
        ("/api/v1/feed", None, "text/javascript; charset=utf-8", True),
        ("/api/v1/feed", "empty", "application/x-javascript", True),
        ("/api/v1/feed", "script", "text/javascript", False),
        ("/rsrc/v3/app.js", None, "text/javascript", False),
        ("/rsrc/v3/app.js", "empty", "application/x-javascript", False),
        ("/api/v1/feed", "empty", "image/webp", False),
        ("/api/v1/feed", "empty", "", False),
        ("/jane.doe/", "document", "text/html; charset=utf-8", True),
    ],
)
def test_a_part_of_the_program_teaches_nobody(
    index: SiteIndex, path: str, destination: str | None, kind: str, teaches: bool
) -> None:
    """A script goes by the same type as the JSON of some sites; its path or its use tells."""
    headers = ((b"Sec-Fetch-Dest", destination.encode()),) if destination else ()
    request = HttpRequest("GET", "https", "www.instagram.com", 443, path, "", headers)
    assert index.learns_from(request, kind) is teaches


def test_a_piece_of_an_answer_teaches_whom_it_shows_whole(index: SiteIndex) -> None:
    """Whoever is cut off is not known; the others are, as from the whole."""
    request = HttpRequest("GET", "https", "www.instagram.com", 443, "/api/v1/feed", "")
    kind = ((b"content-type", b"application/json"),)
    body = b'{"users":[' + b",".join(b'{"pk":"%d","username":"u%d"}' % (at, at) for at in range(5)) + b"]}"
    whole = index.learn(request, HttpResponse(200, kind, body))
    assert [one.id for one in whole] == ["0", "1", "2", "3", "4"]
    assert index.learn_piece(request, HttpResponse(200, kind, body[20:-10])) == whole[1:4]
    assert index.learn_piece(request, HttpResponse(200, kind, b"no person here")) == ()
    elsewhere = HttpRequest("GET", "https", "unwatched.test", 443, "/", "")
    assert index.learn_piece(elsewhere, HttpResponse(200, kind, body)) == ()


@pytest.mark.parametrize(
    "part",
    [
        '{"pk":1,"username":"a"},',
        '{"pk":"1","username":"\\ud800"},',
        "[],",
        "[1,2,3],",
        '{"pk":',
        "[",
        "<html><script>data:[1,",
        '<html><script>{"pk":1,"username":',
    ],
)
def test_hostile_answers_end(index: SiteIndex, part: str) -> None:
    """A megabyte of one thing, never closed, or closed: it is read to its end, and names few."""
    body = (part * (1_000_000 // len(part))).encode()
    for host in ("www.instagram.com", "www.linkedin.com", "www.google.com", "www.facebook.com"):
        request = HttpRequest("GET", "https", host, 443, "/local/business/1/x", "")
        for whole in (body, b"[" + body + b"1]"):
            for kind in (b"application/json", b"text/html"):
                answer = HttpResponse(200, ((b"content-type", kind),), whole)
                assert len(index.learn(request, answer)) <= 2
                assert len(index.learn_piece(request, answer)) <= 2

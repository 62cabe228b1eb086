"""JSON, pointers, GraphQL, Rest.li, batchexecute, frames, multipart and small cuts: what each gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract import (
    batchexecute,
    frames,
    graphql,
    jsontext,
    multipart,
    pointer,
    readable,
    restli,
    text,
)

PEOPLE = {"a": [{"id": 1}, {"id": 2, "b": {"id": "3"}}], "x/y": 4, "": 5}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/a/0/id", [1]),
        ("/a/-1/b/id", ["3"]),
        ("/a/*/id", [1, 2]),
        ("/**/id", [1, 2, "3"]),
        ("/x~1y", [4]),
        ("/a/9/id", []),
        ("/a/-9", []),
        ("/a/99999999999999", []),
        ("", [PEOPLE]),
    ],
)
def test_pointers_give_every_value_at_a_place(path: str, values: list[Any]) -> None:
    """Items by number, from the end, each, and at any depth, in the order of the text."""
    assert pointer.compile_pointer(path)(PEOPLE) == values


def test_a_pointer_begins_with_a_slash() -> None:
    """Anything else is a mistake in a site file."""
    with pytest.raises(ValueError, match="must begin"):
        pointer.compile_pointer("a/b")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ('{"a":1}', {"a": 1}),
        (")]}'\n[1]", [1]),
        ('for (;;);{"a":2}', {"a": 2}),
        ('"\\ud83d"', "\ud83d"),
        ("340282366841710300949128100000000000001", 340282366841710300949128100000000000001),
        ("{", None),
        ("[" * 200_000, None),
        ("", None),
    ],
)
def test_json_is_read_as_browsers_read_it(raw: str, value: Any) -> None:
    """Prefixes against inclusion, lone surrogates and long integers are taken; broken text is nothing."""
    found = jsontext.parse_text(raw)
    assert found == value or (isinstance(value, int) and int(found) == pytest.approx(value))


def test_an_answer_may_hold_a_document_a_line() -> None:
    """Streams send one JSON document after another."""
    assert list(jsontext.documents(b'{"a":1}\n{"b":2}\nnoise\n')) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (
            "(start:0,query:(keywords:Jane%20Doe%2C%20Ottawa,type:List(PEOPLE,X)))",
            {"start": "0", "query": {"keywords": "Jane Doe, Ottawa", "type": ["PEOPLE", "X"]}},
        ),
        ("(urn:urn%3Ali%3Afsd_profile%3AAB)", {"urn": "urn:li:fsd_profile:AB"}),
        ("%28keywords:a%2520b%29", {"keywords": "a b"}),
        ("(keywords:a+b,more:c%2Bd)", {"keywords": "a b", "more": "c+d"}),
        ("%28keywords:a+b,more:c%2Bd%29", {"keywords": "a b", "more": "c+d"}),
        ("List(a,b)", ["a", "b"]),
        ("(memberIdentity:jane-doe", {"memberIdentity": "jane-doe"}),
        ("plain", "plain"),
        ("()", {}),
    ],
)
def test_rest_li_tuples_are_read(raw: str, value: Any) -> None:
    """Leaves are decoded one by one, so that a comma in a name divides nothing; open ends are closed."""
    assert restli.parse_restli(raw) == value


def once(fields: Mapping[str, str]) -> dict[str, list[str]]:
    """Give fields that each stand once."""
    return {key: [value] for key, value in fields.items()}


def test_graphql_is_read_from_fields_and_bodies() -> None:
    """A form, a query with a tuple, one JSON object, a batch, Facebook's `queries`."""
    form = {"fb_api_req_friendly_name": "A", "variables": '{"id":1}'}
    assert graphql.from_fields(once(form)) == [("A", {"id": 1})]
    assert graphql.from_fields(once({"variables": "(id:1)"})) == [(None, {"id": "1"})]
    assert graphql.from_fields(once({"operationName": "A"})) == [("A", None)]
    assert graphql.from_fields(once({})) == []
    batch = '{"q0":{"operationName":"A","query_params":{"x":1}},"q1":3}'
    assert graphql.from_fields(once({"queries": batch})) == [("A", {"x": 1})]
    assert graphql.from_json([{"operationName": "A", "variables": '{"x":1}'}, 3, {"z": 1}]) == [("A", {"x": 1})]


def test_batchexecute_gives_calls_with_parsed_arguments() -> None:
    """Ids rotate; the arguments are JSON inside JSON."""
    raw = '[[["AbC","[\\"x\\",[1]]",null,"generic"],["D","oops",null,"1"],7]]'
    assert batchexecute.calls(raw) == [["x", [1]], None]
    assert batchexecute.calls("[]") == []


def test_batchexecute_gives_what_was_answered() -> None:
    """The third place of each row; other rows and broken texts are left out."""
    answer = [["wrb.fr", "AbC", "[[1]]", None], ["di", 5], ["wrb.fr", "D", "oops"], ["wrb.fr", "E", None], 7]
    assert list(batchexecute.answered(answer)) == [[[1]]]
    assert list(batchexecute.answered({"a": 1})) == []


@pytest.mark.parametrize(
    ("frame", "values"),
    [
        ('{"event":"send"}', [{"event": "send"}]),
        ('42["ask",{"q":1}]', [["ask", {"q": 1}]]),
        ('{"a":1}\x1e{"b":2}\x1e', [{"a": 1}, {"b": 2}]),
        ("2probe", []),
    ],
)
def test_frames_give_their_events(frame: str, values: list[Any]) -> None:
    """Plain JSON, socket.io, SignalR."""
    assert frames.events(frame) == values


def test_binary_bodies_give_their_readable_texts() -> None:
    """A URN inside protobuf is found."""
    body = b"\x00\x01\x14\nblockeeUrn\x14\x17urn:li:member:12\xff"
    assert readable.readable(body.decode("utf-8", "replace")) == ["blockeeUrn", "urn:li:member:12"]


@pytest.mark.parametrize(
    ("function", "arguments", "value"),
    [
        (text.before, ("a.b.c", "."), "a"),
        (text.before, ("abc", "."), "abc"),
        (text.after, ("a.b.c", "."), "b.c"),
        (text.after, ("abc", "."), None),
        (text.after_last, ("a.b.c", "."), "c"),
        (text.urn_id, ("urn:li:member:12",), "12"),
        (text.urn_id, ("urn:li:msg_conversation:(urn:li:fsd_profile:AB,2-xy==)",), "2-xy=="),
        (text.urn_id, ("urn:li:comment:(activity:7,8)",), "8"),
        (text.urn_id, ("12",), "12"),
        (text.base64_text, ("ZmVlZGJhY2s6MTI",), "feedback:12"),
        (text.base64_text, ("*",), None),
        (text.base64_text, ("/w==",), None),
        (text.signed, ('SIGNATURE.{"user_id":"1"}',), {"user_id": "1"}),
        (text.signed, ('{"user_id":"1"}',), {"user_id": "1"}),
        (text.signed, ("SIGNATURE",), None),
        (text.words, ("Mary-Ann--Doe", "-"), "Mary Ann Doe"),
        (text.param, ("/search/top/?q=jane%20doe&x=1", "q"), "jane doe"),
        (text.param, ("/search", "q"), None),
        (text.segment, ("https://example.com/in/jane/", -1), "jane"),
        (text.segment, ("/in", 4), None),
    ],
)
def test_texts_are_cut(function: Callable[..., Any], arguments: tuple[Any, ...], value: Any) -> None:
    """URNs, base64, signed fields, addresses, words in a path."""
    assert function(*arguments) == value


@given(st.text(), st.text(max_size=3))
def test_no_text_raises_in_any_format(one: str, mark: str) -> None:
    """Every extractor takes every text."""
    list(jsontext.documents(one.encode("utf-8", "surrogatepass")))
    restli.parse_restli(one)
    restli.parse_restli("(" + one)
    graphql.parse_variables(one)
    batchexecute.calls(one)
    frames.events(one)
    readable.readable(one)
    text.signed(one)
    text.base64_text(one)
    text.urn_id(one)
    text.words(one, mark)
    text.param(one, mark)
    text.segment(one, 0)
    multipart.split_multipart(one.encode("utf-8", "replace"), mark)
    multipart.split_multipart(f"--X\r\n{one}\r\n\r\n{mark}\n--X--".encode("utf-8", "replace"), "X")

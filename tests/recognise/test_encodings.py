"""One value, every way to write it: each extractor gives the same, however a client encodes it."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus

import brotli
import orjson
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy import http

from guardrail.model.action import Action
from guardrail.model.http import HttpRequest
from guardrail.proxy.convert import to_request
from guardrail.recognise import SiteIndex
from guardrail.recognise.extract.mqtt import publishes
from guardrail.recognise.extract.urltext import split_path
from guardrail.recognise.pipeline import compile_pipeline
from guardrail.recognise.view import View

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"

FEW = settings(max_examples=25)  # of each of some sixty ways

VALUES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(str.strip)
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20)

type Write = Callable[[str], str | bytes]


def every_byte(value: str) -> str:
    """Percent-code every byte, also those that need none."""
    return "".join(f"%{byte:02x}" for byte in value.encode())


def escaped(value: str) -> str:
    """Escape every UTF-16 unit, as some apps' JSON writers do."""
    units = value.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2)) + '"'


def plain_json(value: str) -> str:
    """Write a JSON text with UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False)


def slashed(value: str) -> str:
    """Write a JSON text as PHP does: slashes escaped."""
    return json.dumps(value).replace("/", "\\/")


PERCENT: Mapping[str, Callable[[str], str]] = {
    "percent": lambda value: quote(value, safe=""),
    "plus": quote_plus,
    "lower-case": lambda value: quote(value, safe="").lower() if value.isascii() and value.islower() else quote(value),
    "every-byte": every_byte,
    "only-the-marks": lambda value: "".join(quote_plus(one) if one in "&=+%#; " else one for one in value),
}
STRINGS: Mapping[str, Callable[[str], str]] = {
    "utf-8": plain_json,
    "escaped": json.dumps,
    "all-escaped": escaped,
    "slashed": slashed,
}


def view(query: str = "", body: str | bytes = b"", kind: str = "", path: str = "/", **headers: str) -> View:
    """Make the view of a POST."""
    raw = [(name.replace("_", "-").encode(), value.encode("utf-8")) for name, value in headers.items()]
    raw.append((b"content-type", kind.encode()))
    content = body.encode() if isinstance(body, str) else body
    return View(HttpRequest("POST", "https", "www.example.com", 443, path, query, tuple(raw), content), ("x",))


def part(value: str, head: str = 'Content-Disposition: form-data; name="v"', mark: str = "\r\n") -> bytes:
    """Write one field of a multipart body."""
    return mark.join((f"--{BOUNDARY}", head, "", value, f"--{BOUNDARY}--", "")).encode()


def multipart(value: str) -> View:
    """Make a multipart body as browsers do."""
    return view("", part(value), f"multipart/form-data; boundary={BOUNDARY}")


def form(write: Callable[[str], str]) -> Callable[[str], View]:
    """Give what makes an urlencoded body, the value written so."""
    return lambda value: view("", f"a=1&v={write(value)}&z=", FORM)


FIELDS: Mapping[str, Callable[[str], View]] = {
    **{f"form-{name}": form(write) for name, write in PERCENT.items()},
    "form-untyped": lambda value: view("", f"v={quote_plus(value)}"),
    "form-as-text": lambda value: view("", f"v={quote(value)}", "text/plain;charset=UTF-8"),
    "form-typed-in-capitals": lambda value: view(
        "", f"v={quote(value)}", "Application/X-WWW-Form-Urlencoded; charset=utf-8"
    ),
    "form-key-coded": lambda value: view("", f"%76={quote(value)}", FORM),
    "multipart": multipart,
    "multipart-quoted-boundary": lambda value: view("", part(value), f'Multipart/Form-Data; Boundary="{BOUNDARY}"'),
    "multipart-with-type": lambda value: view(
        "",
        part(value, 'content-disposition:form-data;name="v"\r\nContent-Type: text/plain; charset=utf-8'),
        f"multipart/form-data; boundary={BOUNDARY}",
    ),
    "multipart-bare-name": lambda value: view(
        "", part(value, "Content-Disposition: form-data; name=v"), f"multipart/form-data; boundary={BOUNDARY}"
    ),
}


@pytest.mark.parametrize("write", PERCENT.values(), ids=PERCENT)
@FEW
@given(value=VALUES)
def test_a_query_parameter(write: Callable[[str], str], value: str) -> None:
    """Percent codes in any case, plus signs, or nothing but the marks coded."""
    assert compile_pipeline("query v").first(view(f"a=1&v={write(value)}")) == value.strip()


@FEW
@given(value=VALUES)
def test_a_query_parameter_that_is_coded_twice(value: str) -> None:
    """`unquote` undoes one layer more."""
    assert compile_pipeline("query v | unquote").first(view(f"v={quote(quote(value, safe=''))}")) == value.strip()


@FEW
@given(value=st.text(st.characters(codec="cp1252", exclude_categories=["C"]), min_size=1).filter(str.strip))
def test_a_query_in_an_old_encoding(value: str) -> None:
    """What is no UTF-8 is read as Windows-1252, as old forms send it."""
    raw = value.encode("cp1252")
    try:
        expected = raw.decode("utf-8")
    except UnicodeDecodeError:
        expected = value
    assert compile_pipeline("query v").first(view("v=" + quote(raw, safe=""))) == (expected.strip() or None)


@pytest.mark.parametrize("make", FIELDS.values(), ids=FIELDS)
@FEW
@given(value=VALUES)
def test_a_field_of_the_body(make: Callable[[str], View], value: str) -> None:
    """Urlencoded or multipart, however it is typed."""
    assert compile_pipeline("form v").first(make(value)) == value.strip()


@pytest.mark.parametrize("write", STRINGS.values(), ids=STRINGS)
@pytest.mark.parametrize("around", ['{"a":{"v":%s}}', ' {\n "a" : [\t{ "v" : %s } ] }\n', '\ufeff{"a":{"v":%s}}'])
@FEW
@given(value=VALUES)
def test_a_place_in_json(write: Callable[[str], str], around: str, value: str) -> None:
    """Escaped or not, with spaces or without, behind a byte order mark; by a pointer or at any depth."""
    body = around.replace("%s", write(value))
    read = view("", body, JSON)
    assert compile_pipeline("json /**/v").first(read) == value.strip()
    assert compile_pipeline("form f | json | at /**/v").first(view("", f"f={quote(body)}", FORM)) == value.strip()


def _variables(value: str) -> str:
    return json.dumps({"v": value})


GRAPHQL: Mapping[str, Callable[[str], View]] = {
    "json": lambda value: view("", json.dumps({"operationName": "A", "variables": {"v": value}}), JSON),
    "json-in-json": lambda value: view("", json.dumps({"operationName": "A", "variables": _variables(value)}), JSON),
    "batch": lambda value: view("", json.dumps([{"operationName": "A", "variables": {"v": value}}]), JSON),
    "untyped": lambda value: view("", json.dumps({"variables": {"v": value}})),
    "form": lambda value: view("", f"fb_api_req_friendly_name=A&variables={quote_plus(_variables(value))}", FORM),
    "queries": lambda value: view(
        "", "queries=" + quote(json.dumps({"q0": {"operationName": "A", "variables": {"v": value}}})), FORM
    ),
    "query": lambda value: view(f"operationName=A&variables={quote(_variables(value))}"),
    "restli": lambda value: view(f"variables=(v:{quote(value, safe='')})"),
    "restli-coded-whole": lambda value: view(f"variables={quote(f'(v:{quote(value, safe="")})', safe='')}"),
    "multipart": lambda value: view(
        "",
        part(_variables(value), 'Content-Disposition: form-data; name="variables"'),
        f"multipart/form-data; boundary={BOUNDARY}",
    ),
}


@pytest.mark.parametrize("make", GRAPHQL.values(), ids=GRAPHQL)
@FEW
@given(value=VALUES)
def test_a_variable_of_graphql(make: Callable[[str], View], value: str) -> None:
    """JSON, a batch, a form, a query, a tuple: a transport is no difference."""
    assert compile_pipeline("variable /v").first(make(value)) == value.strip()


@FEW
@given(value=VALUES)
def test_a_tuple_and_a_list_of_rest_li(value: str) -> None:
    """At any depth, coded leaf by leaf."""
    text = f"v=(query:(keywords:{quote(value, safe='')},type:List(A,{quote(value, safe='')})))"
    for place in ("/query/keywords", "/query/type/1"):
        assert compile_pipeline(f"raw_query v | restli | at {place}").first(view(text)) == value.strip()


@pytest.mark.parametrize("write", STRINGS.values(), ids=STRINGS)
@FEW
@given(value=VALUES)
def test_json_inside_other_formats(write: Callable[[str], str], value: str) -> None:
    """A signed body, Google's calls, event frames with and without their marks."""
    inner = f'{{"v":{write(value)}}}'
    signed = view("", f"s={quote('SIGNATURE.' + inner)}", FORM)
    assert compile_pipeline("form s | signed | at /v").first(signed) == value.strip()
    calls = json.dumps([[["AbC", inner, None, "generic"]]])
    assert compile_pipeline("form f | calls | at /v").first(view("", f"f={quote(calls)}", FORM)) == value.strip()
    for frame in (inner, f'42["ask",{inner}]', inner + "\x1e"):
        assert compile_pipeline("body | events | at /**/v").first(view("", frame)) == value.strip()


def _published(payload: bytes) -> bytes:
    packet = b"\x00\x01t" + payload
    size, rest = [], len(packet)
    while True:
        rest, low = divmod(rest, 128)
        size.append(low | (128 if rest else 0))
        if not rest:
            return bytes((0x30, *size)) + packet


@FEW
@given(value=VALUES)
def test_what_mqtt_publishes(value: str) -> None:
    """A payload as it is, or in zlib's format."""
    inner = json.dumps({"v": value}).encode()
    for payload in (inner, zlib.compress(inner)):
        assert [one["payload"] for one in publishes(_published(payload))] == [{"v": value}]


@FEW
@given(value=VALUES)
def test_base64(value: str) -> None:
    """Both alphabets, with padding and without; inside a query as it is or coded."""
    raw = value.encode()
    for text in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("=")):
        assert compile_pipeline("query v | base64").first(view(f"v={quote(text, safe='')}")) == value.strip()


@FEW
@given(value=VALUES)
def test_a_field_of_protocol_buffers(value: str) -> None:
    """Both alphabets, coded or not."""
    raw = value.encode()
    message = b"\x12" + (bytes((len(raw),)) if len(raw) < 128 else bytes((len(raw) & 127 | 128, len(raw) >> 7))) + raw
    for text in (base64.b64encode(message).decode(), base64.urlsafe_b64encode(message).decode().rstrip("=")):
        for written in (text, quote(text, safe="")):
            assert compile_pipeline("query v | protobuf 2").first(view(f"v={quote(written)}")) == value.strip()


@FEW
@given(value=WORDS)
def test_a_urn_and_an_address(value: str) -> None:
    """The id of a plain and of a nested URN; a segment and a parameter of an address."""
    for urn in (f"urn:li:member:{value}", f"urn:li:fs:(urn:li:a:1,urn:li:member:{value})", value):
        assert compile_pipeline("query v | urn").first(view(f"v={quote(urn)}")) == value
    for address in (
        f"https://www.example.com/in/{quote(value)}/?q={quote(value)}",
        f"/in/{every_byte(value)}?q={value}",
    ):
        assert compile_pipeline("query v | segment 1").first(view(f"v={quote(address)}")) == value
        assert compile_pipeline("query v | param q").first(view(f"v={quote(address)}")) == value


@FEW
@given(value=st.text(st.characters(codec="utf-8", exclude_characters="/;.\\"), min_size=1, max_size=20))
def test_a_segment_of_the_path(value: str) -> None:
    """Coded as little or as much as a client likes."""
    for write in (quote, every_byte, lambda text: text if "%" not in text else quote(text)):
        assert split_path(f"/in//{write(value)}/") == ("in", value)


CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "identity": lambda body: body,
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "x-gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "gzip, br": lambda body: brotli.compress(gzip.compress(body, mtime=0)),
}


@pytest.mark.parametrize(("coding", "write"), CODINGS.items(), ids=CODINGS)
@FEW
@given(value=WORDS)
def test_a_coded_body(index: SiteIndex, coding: str, write: Callable[[bytes], bytes], value: str) -> None:
    """Whatever the content coding, and where several follow on each other, the action is the same."""
    body = {"action": "next", "messages": [{"content": {"parts": [f"who is {value}"]}}]}
    for written in (orjson.dumps(body), json.dumps(body, indent=1).encode()):
        message = http.Request.make("POST", "https://chatgpt.com/backend-api/f/conversation")
        message.headers.update({"content-type": JSON, "content-encoding": coding})
        message.raw_content = write(written)
        found = index.recognise(to_request(message, "https", "chatgpt.com", 443, 1 << 20))
        assert isinstance(found, Action)
        assert found.subject.query == f"who is {value}"

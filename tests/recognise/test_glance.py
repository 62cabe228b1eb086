"""What a glance tells is what a reading tells, or nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guardrail.model.action import Action
from guardrail.model.http import HttpRequest
from guardrail.recognise import SiteIndex
from guardrail.recognise.extract.graphql import told_by, told_plainly
from guardrail.recognise.glance import Glance

FORM = (b"Content-Type", b"Application/X-WWW-Form-Urlencoded; charset=UTF-8")
FOLLOW = b"variables=%7B%22input%22%3A%7B%22subscribee_id%22%3A%2277%22%7D%7D"
NAME = b"fb_api_req_friendly_name"
POST = HttpRequest("POST", "https", "www.facebook.com", 443, "/api/graphql/", "", (FORM,))


def test_noted_headers_are_told_whatever_their_case() -> None:
    """Names in lower case, in their order; the type in lower case, its parameters as they are."""
    glance = Glance(replace(POST, headers=((b"Accept", b"*/*"), FORM, (b"X-FB-Friendly-Name", b"A"))))
    assert glance.media_type == "application/x-www-form-urlencoded; charset=UTF-8"
    assert glance.header(b"x-fb-friendly-name") == "A"
    assert glance.header(b"x-http-method") is None


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b"av=1&" + NAME + b"=A&variables=%7B%7D", ["A"]),
        (NAME + b"=A", ["A"]),
        (NAME + b"=A&operationName=B", ["A", "B"]),
        (b"x" + NAME + b"=A", None),
        (b"av=1", None),
        (NAME + b"=", None),
        (NAME + b"=%41", None),
        (NAME + b"=A&q%75eries=%7B%7D", None),
        (NAME + b"=A&batch=[]", None),
        (NAME + b"=A" + b"&operationName=A" * 3, None),
        (NAME + b"=A" + b"&variables=1" * 3, None),
        (b'{"a":"' + NAME + b'=A"}', None),
    ],
)
def test_a_form_tells_its_operation_plainly_or_not_at_all(body: bytes, names: list[str] | None) -> None:
    """A name in codes, a batch or anything that stands often is left to those who read the whole form."""
    noted = Glance(replace(POST, body=body)).fields
    assert noted is not None
    assert told_plainly(noted) == names


def test_a_long_body_is_not_glanced_at() -> None:
    """It is read, or said to be unread."""
    assert Glance(replace(POST, body=NAME + b"=" + b"A" * 20_000)).fields is None


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"operationName": "A", "variables": {}}, ["A"]),
        ([{"operationName": "A"}, {"z": 1}, 3], ["A"]),
        ({"z": 1}, []),
        (None, []),
        ({"variables": {}}, None),
        ({"operationName": " "}, None),
        ({"query": "query A { a }"}, None),
        ([{"operationName": "A"}] * 17, None),
    ],
)
def test_json_tells_its_operations_plainly_or_not_at_all(value: object, names: list[str] | None) -> None:
    """Where each operation has a name of its own; no operation at all is plain, too."""
    assert told_by(value) == names


@pytest.mark.parametrize(
    "body",
    [
        NAME + b"=CometUserFollowMutation&" + FOLLOW,
        FOLLOW + b"&" + NAME + b"=CometUserFollowMutation",
        NAME + b"=CometUserFollowMutatio%6E&" + FOLLOW,
        b"fb%5fapi_req_friendly_name=CometUserFollowMutation&" + FOLLOW,
        NAME + b"=CometNewsFeedQuery&operationName=CometUserFollowMutation&" + FOLLOW,
        NAME + b"=CometNewsFeedQuery&fb_api_req_friendly_nam%65=CometUserFollowMutation&" + FOLLOW,
    ],
)
@pytest.mark.parametrize("header", [None, b"CometNewsFeedQuery"])
def test_no_spelling_and_no_header_hides_the_bodys_operation(
    index: SiteIndex, body: bytes, header: bytes | None
) -> None:
    """Whatever way the form names it, and whatever stands in the header; the oracle agrees."""
    headers = POST.headers if header is None else (*POST.headers, (b"x-fb-friendly-name", header))
    request = replace(POST, headers=headers, body=body)
    found = index.recognise(request)
    assert isinstance(found, Action)
    assert found.subject.id == "77"
    assert index.scan_all(request) == found

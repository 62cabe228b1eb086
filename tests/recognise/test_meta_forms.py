"""Facebook, Instagram and Threads in forms that the corpus lacks: other hosts, old and new paths, batches, bare ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from guardrail.model.action import Action
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise import SiteIndex
from guardrail.recognise.identities import Identities
from tests.recognise.score import judge

HERE = Path(__file__).parent
SITES = ("facebook", "instagram", "threads")
FORMS = [orjson.loads(line) for line in (HERE / "meta_forms.jsonl").read_bytes().splitlines()]
JSON_TYPE = ((b"content-type", b"application/json"),)


@pytest.mark.parametrize("form", FORMS, ids=[form["id"] for form in FORMS])
def test_a_form_is_what_it_says(form: dict[str, Any], index: SiteIndex) -> None:
    """Each line is recognised as its `expect` says, part by part, or not at all."""
    judged = judge(form, index)
    assert judged.wrong == (), judged.got


@pytest.mark.parametrize("site", SITES)
def test_what_clients_send_is_what_it_says(site: str, index: SiteIndex) -> None:
    """The same for a longer table of each site, with the identities that answers teach; half of it is no action."""
    forms = [orjson.loads(line) for line in (HERE / "forms" / f"{site}.jsonl").read_bytes().splitlines()]
    assert {form["site"] for form in forms} == {site}
    assert len({form["id"] for form in forms}) == len(forms)
    harmless = sum(form["expect"]["action"] is None for form in forms)
    assert 0.3 < harmless / len(forms) < 0.8
    assert {form["id"]: judged.got for form in forms if (judged := judge(form, index)).wrong} == {}


def request(method: str, host: str, path: str, body: bytes = b"") -> HttpRequest:
    """Make a request with a form as its body."""
    headers = ((b"content-type", b"application/x-www-form-urlencoded"),)
    return HttpRequest(method, "https", host, 443, path, "", headers, body)


INSTAGRAM_POST = {
    "items": [
        {
            "pk": "99",
            "id": "99_12",
            "code": "Ab-1_x",
            "user": {"pk": "12", "username": "marta.q", "full_name": "Marta Quill"},
        }
    ]
}
INSTAGRAM_THREAD = {
    "threads": [{"thread_id": "340", "users": [{"pk": "12", "username": "marta.q", "full_name": "Marta Quill"}]}]
}
INSTAGRAM_CHAT = {
    "as_ig_direct_thread": {
        "thread_fbid": "178",
        "users": [
            {"pk": "12", "username": "marta.q", "full_name": "Marta Quill", "interop_messaging_user_fbid": "179"}
        ],
    }
}
FACEBOOK_POST = {"story": {"post_id": "99", "actors": [{"__typename": "User", "id": "12", "name": "Marta Quill"}]}}
SENT = urlencode(
    {
        "fb_api_req_friendly_name": "IGDirectMediaSendMutation",
        "variables": '{"thread_id": "178", "attachment_fbid": "9"}',
    }
).encode()
SENT_TO_A_PERSON = urlencode(
    {"fb_api_req_friendly_name": "IGDirectTextSendMutation", "variables": '{"ig_thread_igid": "179"}'}
).encode()
REACTION = urlencode(
    {"doc_id": "9", "variables": '{"input": {"feedback_id": "ZmVlZGJhY2s6OTk=", "feedback_reaction": 1}}'}
).encode()


@pytest.mark.parametrize(
    ("host", "answer", "acted"),
    [
        ("i.instagram.com", INSTAGRAM_POST, ("POST", "/api/v1/media/99_12/like/", b"")),
        ("www.instagram.com", INSTAGRAM_POST, ("POST", "/api/v1/web/likes/99/like/", b"")),
        ("www.instagram.com", INSTAGRAM_POST, ("GET", "/p/Ab-1_x/liked_by/", b"")),
        (
            "www.instagram.com",
            INSTAGRAM_THREAD,
            ("POST", "/api/v1/direct_v2/threads/broadcast/text/", b"thread_ids=%5B%22340%22%5D&text=hi"),
        ),
        ("www.instagram.com", INSTAGRAM_CHAT, ("POST", "/api/graphql", SENT)),
        ("www.instagram.com", INSTAGRAM_CHAT, ("POST", "/api/graphql", SENT_TO_A_PERSON)),
        ("www.facebook.com", FACEBOOK_POST, ("POST", "/api/graphql/", REACTION)),
    ],
)
def test_a_post_or_a_conversation_leads_to_its_person(
    host: str, answer: dict[str, Any], acted: tuple[str, str, bytes], index: SiteIndex
) -> None:
    """What carries only the number of a post or of a thread is about the person whom an earlier answer showed there."""
    known = Identities(100)
    seen = HttpResponse(200, JSON_TYPE, orjson.dumps(answer))
    known.learn(index.learn(request("GET", host, "/api/graphql/"), seen))
    action = index.recognise(request(acted[0], host, *acted[1:]))
    assert isinstance(action, Action)
    subject = known.resolve(action.site, action.subject)
    assert (subject.alt_id or subject.id, subject.name) == ("12", "Marta Quill")


def test_a_comment_is_also_about_whom_it_mentions(index: SiteIndex) -> None:
    """Facebook tells the person mentioned, too."""
    variables = {
        "input": {
            "feedback_id": "ZmVlZGJhY2s6OTk=",
            "message": {"text": "Marta Quill", "ranges": [{"entity": {"id": "12"}, "offset": 0, "length": 11}]},
        }
    }
    body = urlencode(
        {"fb_api_req_friendly_name": "useCometUFICreateCommentMutation", "variables": orjson.dumps(variables)}
    ).encode()
    action = index.recognise(request("POST", "www.facebook.com", "/api/graphql/", body))
    assert isinstance(action, Action)
    assert [one.id for one in (action.subject, *action.others)] == ["99", "12"]

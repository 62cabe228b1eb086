"""People search and reviews in forms that the corpus lacks: hosts, orders, encodings, transports, and near misses."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import orjson
import pytest

from guardrail.model.action import Action, Confidence, Identity
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise import SiteIndex
from guardrail.recognise.load import OUR_SITES
from tests.recognise.score import judge

SITES = sorted(file.stem for kind in ("people", "reviews") for file in (OUR_SITES / kind).glob("*.yaml"))
FORMS_OF = {site: Path(__file__).parent / "forms" / f"{site}.jsonl" for site in SITES}
FORMS = [orjson.loads(line) for file in FORMS_OF.values() for line in file.read_bytes().splitlines()]
STRUCTURAL = {
    "reply-operation",
    "reply-path",
    "reply-segment",
    "reply-call",
    "owner-path",
    "reply-body",
    "invite-operation",
    "invite-path",
    "ask-path",
    "link-in-message",
    "suggestions",
}


def get(host: str, path: str, query: str = "") -> HttpRequest:
    """Make a plain visit."""
    return HttpRequest("GET", "https", host, 443, path, query)


@pytest.mark.parametrize("form", FORMS, ids=[form["id"] for form in FORMS])
def test_a_form_is_what_it_says(form: dict[str, Any], index: SiteIndex) -> None:
    """Each line is recognised as its `expect` says, part by part, or not at all."""
    judged = judge(form, index)
    assert judged.wrong == (), judged.got


@pytest.mark.parametrize("site", SITES)
def test_every_site_has_forms_of_both_kinds(site: str) -> None:
    """No site stands without forms that are an action and forms that are none."""
    forms = [form for form in FORMS if form["site"] == site]
    assert {form["expect"]["action"] is None for form in forms} == {True, False}


@pytest.mark.parametrize(
    ("host", "path", "query"),
    [
        ("www.canada411.ca", "/search/", "stype=si&what={}&where=ottawa"),
        ("411.ca", "/search", "q={}&st=person"),
        ("www.whitepages.com", "/search", "name={}"),
        ("www.truepeoplesearch.com", "/results", "citystatezip=Ottawa&name={}"),
        ("pipl.com", "/search/", "q={}&l=&sloc=&in=5"),
        ("www.192.com", "/people/search/", "looking_for={}&location=Leeds"),
        ("www.legacy.com", "/obituaries/search", "keyword={}&countryId=1"),
        ("www.yelp.com", "/search", "find_loc=Ottawa&find_desc={}"),
        ("www.healthgrades.com", "/usearch", "where=Ottawa&what={}&pageNum=1"),
        ("www.ratemds.com", "/best-doctors/on/ottawa/", "page=2&text={}"),
        ("www.psychologytoday.com", "/ca/therapists", "search={}"),
        ("www.tripadvisor.ca", "/Search", "geo=1&q={}"),
    ],
)
@pytest.mark.parametrize("name", ["Marta Quill", "José Müller", "O'Neil Ann"])
def test_all_encodings_of_a_name_are_one(host: str, path: str, query: str, name: str, index: SiteIndex) -> None:
    """Plus, percent codes in both cases and codes of codes give the same query."""
    lowered = quote(name).replace("%C3", "%c3")
    for written in (quote_plus(name), quote(name), lowered, quote(quote(name))):
        action = index.recognise(get(host, path, query.format(written)))
        assert isinstance(action, Action), written
        assert action.subject.query == name


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("www.whitepages.com", "/name/{}/Ottawa-ON"),
        ("www.spokeo.com", "/{}/Ontario/Ottawa"),
        ("www.fastpeoplesearch.com", "/name/{}_ottawa-on"),
        ("www.beenverified.com", "/people/{}/"),
        ("radaris.com", "/p/{}/"),
        ("thatsthem.com", "/name/{}/Ottawa-ON"),
        ("www.zabasearch.com", "/people/{}/ontario/"),
        ("www.intelius.com", "/people-search/{}/ontario/"),
    ],
)
def test_a_name_in_the_path_is_words(host: str, path: str, index: SiteIndex) -> None:
    """Hyphens and spaces, encoded once or twice, come out as the same words."""
    for slug in ("Marta-Quill", "Marta%20Quill", "Marta%2DQuill", "Marta%2520Quill"):
        action = index.recognise(get(host, path.format(slug)))
        assert isinstance(action, Action), slug
        assert action.subject.query == "Marta Quill"


def test_what_rests_on_structure_alone_is_of_low_confidence(index: SiteIndex) -> None:
    """Whatever a shared fragment tells by the shape of a path or a name, a rule can treat more mildly."""
    found = [one for site in index.sites for one in site.recognisers if site.id in SITES and one.id in STRUCTURAL]
    assert {one.id for one in found} == STRUCTURAL
    assert {one.confidence for one in found} == {Confidence.LOW}


@pytest.mark.parametrize(
    ("host", "path", "answer", "known"),
    [
        (
            "api.trustpilot.com",
            "/v1/private/reviews/66ab",
            {"id": "66ab", "stars": 5, "consumer": {"id": "5f00", "displayName": "Marta Q", "numberOfReviews": 2}},
            {Identity("trustpilot", "66ab", None, "Marta Q"), Identity("trustpilot", "5f00", None, "Marta Q")},
        ),
        (
            "api.yextapis.com",
            "/v2/accounts/me/reviews",
            {"response": {"reviews": [{"id": 88, "authorName": "Marta Q", "rating": 5}]}},
            {Identity("yext", "88", None, "Marta Q")},
        ),
        (
            "api.birdeye.com",
            "/resources/v1/review/businessid/169",
            [{"reviewId": 88, "reviewer": {"firstName": "Marta", "lastName": "Quill"}}],
            {Identity("birdeye", "88", None, "Marta Quill")},
        ),
        (
            "api.foursquare.com",
            "/v2/users/12",
            {"response": {"user": {"id": "12", "firstName": "Marta", "lastName": "Quill", "handle": "martaq"}}},
            {Identity("foursquare", "12", "martaq", "Marta Quill")},
        ),
    ],
)
def test_answers_teach_who_wrote_a_review(
    host: str, path: str, answer: object, known: set[Identity], index: SiteIndex
) -> None:
    """The number of a review leads to the person who wrote it, so that a reply to it finds the person."""
    seen = HttpResponse(200, ((b"content-type", b"application/json"),), orjson.dumps(answer))
    assert set(index.learn(get(host, path), seen)) == known

"""One episode in plain words, in both languages, whatever became of it; and the PDF that is made of it."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from guardrail.labels import labels_of
from guardrail.language import LOCALES, Times
from guardrail.ledger.export.episode import episodes
from guardrail.ledger.export.labels import Labels
from guardrail.ledger.export.pdf import pdf
from guardrail.ledger.export.report import Report
from guardrail.ledger.export.words import ABOUT_TO, DONE, POPULATIONS, REVIEWS
from guardrail.ledger.export.worth import Proof
from guardrail.ledger.kinds import Judgement
from guardrail.ledger.note import Note
from guardrail.model.action import ActionKind
from guardrail.model.entry import EntryKind, Json
from guardrail.model.people import Population
from tests.ledger.export.scene import CLIENT, DISCUSSED, JUDGED, NAMESAKE, NARRATIVE, STORIES, TYPED, Scene
from tests.ledger_keys import KEYS, SUPERVISOR

MADE = datetime(2026, 3, 2, tzinfo=UTC)
PACIFIC = timezone(timedelta(hours=-8))
ROOM = files("guardrail.ledger.export")
FRENCH = read_po(io.BytesIO(ROOM.joinpath("locale", "fr", "guardrail.po").read_bytes()), locale="fr_CA")
PLACES = re.compile(r"%\(\w+\)s")


def make(desk: Scene, hold: str, language: str = "en", *, keyed: bool = True, labels: Labels | None = None) -> Report:
    """Give the report of a hold."""
    episode = desk.episode(hold, (SUPERVISOR,) if keyed else ())
    index = (episode.ending or episode.opening).stored.index
    hashes, note = desk.ledger.reader.prove(index)
    labels = labels or labels_of(desk.policy, language)
    return Report(episode, Proof(index, tuple(hashes), note), labels, Times(language, PACIFIC), desk.clock.now(), keyed)


def texts(value: Any) -> str:
    """Give every text of a document, in order, one a line."""
    if isinstance(value, dict):
        return "\n".join(texts(one) for one in value.values())
    return "\n".join(texts(one) for one in value) if isinstance(value, list) else str(value)


def headings(document: Any) -> list[str]:
    """Give the headings of a document's sections."""
    return [section["heading"] for section in document["sections"]]


async def test_a_whole_episode(desk: Scene) -> None:
    """What was seen, why, what was tried, what was done, when it was discussed, and what it is worth."""
    document: Any = make(desk, await desk.whole()).document()
    assert headings(document) == [
        "What was seen", "Why it was stopped", "What was tried first", "What was answered", "What was done",
        "When it was discussed", "What else was owed", "What this record is worth",
    ]  # fmt: skip
    said = texts(document)
    for words in (
        ": dr-wren was about to search for someone on Google.",
        "Searching for a client",
        "Phone or text, no answer: at 8:40 and 8:55",
        "The client: suicide or self-harm",
        NARRATIVE,
        "A search on Google: “margit ollander”",
        "The leave ended: its time was over.",
        "Discuss it with the client at the next meeting (C-2002), the next meeting was set for March 5, 2026",
        DISCUSSED,
    ):
        assert words in said
    assert document["status"] == {"finished": True, "title": "This episode is finished.", "items": [], "notes": []}


@pytest.mark.parametrize(
    ("story", "finished", "words"),
    [
        ("judged", False, "dr-sel reviewed this episode, and cannot tell whether it was justified."),
        ("running", False, "Late: Write the full account"),
        ("unanswered", False, "Nobody has answered yet. Nothing was sent to the site."),
        ("left", True, "Nobody answered in time. Nothing was sent to the site."),
        ("back", True, "dr-wren went back. Nothing was sent to the site."),
        ("attested", False, "Someone else with the same name"),
        ("attested_of_nobody", False, "No client was named"),
        ("agreed", False, "dr-wren said that the client agreed to it, in session, for a purpose."),
    ],
)
async def test_every_way_an_episode_goes(desk: Scene, story: str, finished: bool, words: str) -> None:
    """What is not finished says so, and what is missing."""
    document: Any = make(desk, await STORIES[story](desk)).document()
    assert document["status"]["finished"] is finished
    assert bool(document["status"]["items"]) is not finished
    assert words in texts(document)


@pytest.mark.parametrize(("client", "others"), [("C-1001", "C-2002"), ("C-2002", "C-1001")])
async def test_a_leave_about_several_stands_in_the_file_of_each(desk: Scene, client: str, others: str) -> None:
    """And names nobody else there."""
    hold = (await desk.hold(CLIENT, NAMESAKE)).id
    opened = desk.episode(hold).opening.entry
    bought: dict[str, Json] = {"expires_at": "2026-03-03T00:00:00+00:00", "also": ["C-2002"]}
    desk.ledger.append(
        replace(opened, kind=EntryKind.ATTESTED, details={"reason": "same_name", "also": ["C-2002"]}),
        replace(opened, kind=EntryKind.GRANT_ISSUED, grant="g", details=bought),
        replace(opened, kind=EntryKind.GRANT_EXPIRED, hold=None, grant="g", details={}),
    )
    report = make(desk, hold)
    assert "Leave about client C-1001, C-2002, for" in texts(report.document())
    said = texts(replace(report, episode=report.episode.for_file_of(client)).document())
    assert f"Leave about client {client}, for" in said
    assert "The leave ended: its time was over." in said
    assert others not in said


async def test_reviews_stand_in_their_order(desk: Scene) -> None:
    """Each with its note, if any; an episode that nobody reviewed has no such section."""
    document: Any = make(desk, await desk.judged(), "fr").document()
    [section] = [one for one in document["sections"] if one["heading"] == "Comment il a été examiné"]
    first, note, second = section["blocks"]
    assert first["text"].endswith("dr-sel a examiné cet épisode et ne peut dire s’il était justifié.")
    assert (note["kind"], note["text"]) == ("quote", JUDGED)
    assert second["text"].endswith("ms-quist a examiné cet épisode et le juge injustifié.")
    assert "How it was reviewed" not in headings(make(desk, await desk.back()).document())


async def test_without_a_proof_it_tells_the_episode_alone(desk: Scene) -> None:
    """For a screen: what the record is worth stands in the PDF."""
    report = make(desk, await desk.whole())
    told, alone = (headings(one.document()) for one in (report, replace(report, proof=None)))
    assert told == [*alone, "What this record is worth"]


@pytest.mark.parametrize("story", STORIES)
async def test_without_a_key_it_says_what_is_closed(desk: Scene, story: str) -> None:
    """Nothing that was typed is there, and that it is closed stands in its place."""
    report = make(desk, await STORIES[story](desk), keyed=False)
    said = texts(report.document())
    assert not [typed for typed in (*TYPED, JUDGED) if typed in said]
    assert "What was typed is closed in this copy" in said
    assert "What was typed here is closed: a reader’s key opens it." in said


async def test_what_was_destroyed_says_so(desk: Scene) -> None:
    """The hash is left, and the report tells that the text is gone."""
    hold = await desk.back()
    report = make(desk, hold)
    left = [replace(one.stored, payload=None) for one in report.episode.told]
    [episode] = episodes(left, [SUPERVISOR])
    said = texts(replace(report, episode=episode).document())
    assert "What was typed here was destroyed." in said
    assert "Some of what was typed was destroyed when its time of keeping was over." in said


async def test_without_a_policy_codes_stand_in_its_words(desk: Scene) -> None:
    """The report is not lost because rules.yaml was."""
    said = texts(make(desk, await desk.whole(), labels=Labels()).document())
    assert "find_close" in said
    assert "searching" in said


async def test_the_proof_on_paper_leads_to_the_signed_root(desk: Scene) -> None:
    """Whoever types it off the page comes to the root that the workstation signed."""
    document: Any = make(desk, await desk.whole()).document()
    table, told, _words, path, state = document["sections"][-1]["blocks"][1:]
    facts = dict(told["rows"])
    note = Note.read("\n".join(state["lines"]) + "\n")
    assert note.signed_by(KEYS)
    place, last = int(facts["Proved here"].removeprefix("entry ")), int(facts["Entries then"]) - 1
    [leaf] = [row[3].replace("\n", "") for row in table["rows"] if row[0] == str(place)]
    found = bytes.fromhex(leaf)
    for line in path["lines"]:  # RFC 9162, 2.1.3.2
        other = bytes.fromhex(line)
        if place & 1 or place == last:
            found = hashlib.sha256(b"\1" + other + found).digest()
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + other).digest()
        place, last = place >> 1, last >> 1
    assert last == 0
    assert found == base64.b64decode(facts["Root then"])


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("story", STORIES)
async def test_the_pdf(desk: Scene, story: str, language: str) -> None:
    """Every story is set as PDF/UA-1: tagged, in its language, with a title, its fonts inside; the same every time."""
    report = make(desk, await STORIES[story](desk), language)
    made = pdf(report.document(), report.made)
    assert made == pdf(report.document(), report.made)
    read = PdfReader(io.BytesIO(made))
    root: Any = read.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == (f"{language}-CA", True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    pages: Any = read.pages
    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]
    inside = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]
    assert all({"/FontFile2", "/FontFile3"} & set(one) for one in inside)
    said = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    assert ("What was seen" if language == "en" else "Pourquoi cela a été arrêté") in said


HARD = st.text(st.characters(exclude_categories=()), max_size=40)


@settings(deadline=None, max_examples=25)
@given(HARD)
def test_any_text_can_be_set(text: str) -> None:
    """Letters that no font has, control characters, and what would be markup: a report is never lost for them."""
    blocks: list[Json] = [{"kind": "quote", "title": "#set page(width: 1pt)", "text": text}]
    status: Json = {"finished": False, "title": "x", "items": [], "notes": []}
    document: dict[str, Json] = {
        "lang": "en", "title": "t", "subtitle": "s", "facts": [["a", text]], "status": status,
        "sections": [{"heading": "h", "blocks": blocks}], "footer": "f", "page": "p", "of": "o",
    }  # fmt: skip
    assert pdf(document, MADE).startswith(b"%PDF")


def test_every_message_is_there_in_french_and_none_is_left_over() -> None:
    """The catalogue has exactly the texts of the report, each whole, with its places."""
    found = extract_from_dir(str(ROOM), method_map=[("**.py", "python")], keywords={"N_": None, "say": None})
    assert {message.id for message in FRENCH if message.id} == {message for _f, _l, message, _c, _x in found}
    for message in FRENCH:
        source, target = str(message.id), str(message.string)
        assert not message.fuzzy
        assert not source or target.strip()
        assert sorted(PLACES.findall(source)) == (sorted(PLACES.findall(target)) if source else [])


def test_every_action_and_population_has_its_words() -> None:
    """None is without a sentence."""
    assert set(ABOUT_TO) == set(DONE) == set(ActionKind)
    assert set(POPULATIONS) == set(Population)
    assert set(REVIEWS) == set(Judgement)

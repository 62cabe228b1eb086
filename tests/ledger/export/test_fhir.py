"""Episodes as FHIR R4, read back by an implementation of FHIR that is not ours."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.provenance import Provenance
from fhir.resources.R4B.task import Task

from guardrail.ledger.export.episode import Episode
from guardrail.ledger.export.fhir import write_fhir
from guardrail.ledger.export.fhir_parts import OURS
from guardrail.ledger.export.gather import each_episode
from guardrail.ledger.note import Note
from guardrail.model.entry import Entry, EntryKind, StoredEntry
from tests.ledger.export.scene import DISCUSSED, JUDGED, NARRATIVE, STORIES, TYPED, Scene
from tests.ledger_keys import KEYS

CODES = f"{OURS}/code/entry-kind"
DCM = "http://dicom.nema.org/resources/ontology/DCM"


def read_back(desk: Scene, *holds: str, keys: bool = True) -> Any:
    """Give the bundle of these holds as the library reads it."""
    told = [desk.episode(hold) if keys else desk.episode(hold, ()) for hold in holds]
    return Bundle.model_validate_json(written(desk, told))


def written(desk: Scene, told: Iterable[Episode], beside: Iterable[StoredEntry] = ()) -> str:
    """Give the document."""
    out = io.StringIO()
    write_fhir(told, out, desk.source(), beside)
    return out.getvalue()


def of(whole: Any, kind: type) -> list[Any]:
    """Give the resources of one type."""
    return [one.resource for one in whole.entry or () if isinstance(one.resource, kind)]


def details(entity: Any) -> dict[str, str]:
    """Give an entity's details by name."""
    return {one.type: one.valueString for one in entity.detail or ()}


async def test_a_whole_episode(desk: Scene) -> None:
    """The override, its end, the duties and the signature all stand there, and refer to each other."""
    whole = read_back(desk, await desk.whole())
    start, *stops = of(whole, AuditEvent)
    assert (start.type.system, start.type.code) == (DCM, "110113")
    assert [(one.system, one.code) for one in start.subtype] == [(DCM, "110127"), (CODES, "justified")]
    assert (start.outcome, start.outcomeDesc, start.action) == ("0", "proceeded", "E")
    assert start.period.start < start.period.end
    assert [one.code for two in start.purposeOfEvent for one in two.coding] == ["BTG", "ETREAT", "self", "find_close"]
    [agent] = start.agent
    assert (agent.requestor, agent.who.identifier.value) == (True, "dr-wren")
    assert agent.policy == [f"{OURS}/policy/{desk.policy.revision}#searching"]
    assert start.source.observer.identifier.value == "front-desk"
    first, second, action, justification = start.entity
    assert [one.what.identifier.value for one in (first, second)] == ["C-1001", "C-2002"]
    assert (first.type.code, first.role.code, first.securityLabel[0].code) == ("1", "1", "R")
    assert (action.name, details(action)["query"]) == ("search on google", "margit ollander")
    assert details(justification)["narrative"] == NARRATIVE
    assert details(justification)["means"] == '["phone", "emergency_contact"]'
    assert details(justification)["means_when.phone"] == "at 8:40 and 8:55"
    assert {(one.subtype[0].code, one.outcome) for one in stops} == {("110138", "0")}
    assert len(stops) == 2


async def test_duties_are_tasks(desk: Scene) -> None:
    """Each says of which override it comes, whose it is, for whom, until when, and what came of it."""
    whole = read_back(desk, await desk.whole())
    [start, *_], tasks = of(whole, AuditEvent), of(whole, Task)
    assert [one.code.text for one in tasks] == ["write_outcome", "discuss", "discuss"]
    assert {one.status for one in tasks} == {"completed"}
    assert {one.focus.reference for one in tasks} == {f"urn:uuid:{start.id}"}
    assert [getattr(one, "for_fhir").identifier.value for one in tasks[1:]] == ["C-1001", "C-2002"]  # noqa: B009 - `for`
    assert tasks[1].output[0].valueString == DISCUSSED
    late = [one for one in of(read_back(desk, await desk.running()), Task) if one.businessStatus]
    assert {(one.status, one.businessStatus.text) for one in late} == {("requested", "overdue")}


async def test_the_provenance_holds_the_signed_head(desk: Scene) -> None:
    """Who answered and which workstation signed; the signature is the ledger's own note, which verifies."""
    whole = read_back(desk, await desk.whole())
    [provenance] = of(whole, Provenance)
    about = [one.resource for one in whole.entry if one.resource is not provenance]
    assert [one.reference for one in provenance.target] == [f"urn:uuid:{one.id}" for one in about]
    assert [one.who.identifier.value for one in provenance.agent] == ["dr-wren", "front-desk"]
    note = provenance.signature[0].data.decode()
    assert Note.read(note).signed_by(KEYS)
    named = {one.what.identifier.value for one in provenance.entity}
    assert named == {f"{desk.ledger.origin}#{one.stored.index}" for one in desk.episode("id-0001").told}


async def test_a_review_is_an_event_about_the_event(desk: Scene) -> None:
    """Who found what, with the note where a key opened it; and who judged vouches with the others."""
    whole = read_back(desk, await desk.judged())
    [start, *_], reviews = of(whole, AuditEvent), [one for one in of(whole, AuditEvent) if one.type.code == "verify"]
    assert [one.outcomeDesc for one in reviews] == ["reviewed: inconclusive", "reviewed: unjustified"]
    first = reviews[0]
    assert [(one.system, one.code) for one in first.subtype] == [
        (CODES, "reviewed"), (f"{OURS}/code/verdict", "inconclusive"),
    ]  # fmt: skip
    assert (first.agent[0].type.coding[0].code, first.agent[0].who.identifier.value) == ("verifier", "dr-sel")
    assert first.entity[0].what.reference == f"urn:uuid:{start.id}"
    assert details(first.entity[0]) == {"verdict": "inconclusive", "note": JUDGED}
    assert details(reviews[1].entity[0]) == {"verdict": "unjustified"}
    [provenance] = of(whole, Provenance)
    named = [(one.type.coding[0].code, one.who.identifier.value) for one in provenance.agent]
    assert named[2:] == [("verifier", "dr-sel"), ("verifier", "ms-quist")]
    assert {f"urn:uuid:{one.id}" for one in reviews} < {one.reference for one in provenance.target}


async def test_that_it_was_read_is_no_part_of_it(desk: Scene) -> None:
    """The bundle is the same before and after."""
    hold = await desk.back()
    before = [one for one in read_back(desk, hold).entry if not isinstance(one.resource, Provenance)]
    provenance = of(read_back(desk, hold), Provenance)[0]
    desk.wait(days=1)
    for kind in (EntryKind.VIEWED, EntryKind.EXPORTED):
        desk.ledger.append(Entry(kind, desk.clock.now(), "front-desk", hold=hold))
    after = read_back(desk, hold)
    assert [one for one in after.entry if not isinstance(one.resource, Provenance)] == before
    again = of(after, Provenance)[0]
    assert (again.entity, again.occurredPeriod) == (provenance.entity, provenance.occurredPeriod)


@pytest.mark.parametrize(
    ("story", "outcome", "kinds", "purposes"),
    [
        ("running", "0", ["110127", "justified"], {"BTG", "THREAT", "to_others", "find_client"}),
        ("unanswered", None, ["hold_opened"], set()),
        ("left", "4", ["110127", "abandoned"], set()),
        ("back", "4", ["110127", "backed_out"], set()),
        ("attested", "0", ["attested"], set()),
        ("attested_of_nobody", "0", ["attested"], set()),
        ("agreed", "0", ["consent_used"], {"PATRQT", "online_harm"}),
    ],
)
async def test_every_way_an_episode_goes(
    desk: Scene, story: str, outcome: str | None, kinds: list[str], purposes: set[str]
) -> None:
    """Proceeded is 0, cancelled is 4, open says nothing; an emergency is called one only where it is one."""
    whole = read_back(desk, await STORIES[story](desk))
    start = of(whole, AuditEvent)[0]
    assert start.outcome == outcome
    assert [one.code for one in start.subtype] == kinds
    assert {one.code for two in start.purposeOfEvent or () for one in two.coding} == purposes


async def test_where_no_client_is_meant_a_keyed_token_stands(desk: Scene) -> None:
    """The token of the grant tells subjects apart, and names nobody."""
    [start, *_] = of(read_back(desk, await desk.attested_of_nobody()), AuditEvent)
    what = start.entity[0].what.identifier
    assert what.system.endswith("/subject-token")
    assert what.value.startswith("attested:")


@pytest.mark.parametrize("story", STORIES)
async def test_without_a_key_nothing_that_was_typed_is_in_it(desk: Scene, story: str) -> None:
    """It says that it is closed."""
    said = written(desk, [desk.episode(await STORIES[story](desk), ())])
    assert not [text for text in (*TYPED, JUDGED) if text in said]
    assert "closed: a reader's key opens it" in said


async def test_all_of_a_ledger(desk: Scene) -> None:
    """All episodes in one bundle, each resource with an id of its own, the same every time; trouble has its code."""
    holds = {await story(desk) for story in STORIES.values()}
    desk.ledger.append(
        Entry(EntryKind.FAILURE, desk.clock.now(), "front-desk", details={"where": "web", "incident": "i-1"}),
        Entry(EntryKind.REFUSED, desk.clock.now(), "front-desk", "dr-wren", details={"reason": "unknown"}),
    )
    reader = desk.ledger.reader
    one, two = (written(desk, each_episode(reader, reader.read()), reader.read()) for _ in range(2))
    assert one == two
    whole: Any = Bundle.model_validate_json(one)
    ids = [entry.resource.id for entry in whole.entry]
    assert len(ids) == len(set(ids))
    events = of(whole, AuditEvent)
    assert (
        len(events)
        == len(holds)
        + len([one for one in events if one.outcomeDesc == "the leave is over" or one.type.code == "verify"])
        + 2
    )
    *_, failure, refused = events
    assert (failure.outcome, failure.outcomeDesc) == ("12", "failed, and refused: web")
    assert (refused.outcome, refused.agent[0].who.identifier.value) == ("8", "dr-wren")


def test_nothing_is_a_bundle_too(desk: Scene) -> None:
    """An empty ledger gives an empty bundle."""
    out = io.StringIO()
    assert write_fhir([], out, desk.source()) == 0
    assert json.loads(out.getvalue())["resourceType"] == "Bundle"

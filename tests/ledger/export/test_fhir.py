"""Episodes as FHIR R4, read back by an implementation of FHIR that is not ours."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.provenance import Provenance
from fhir.resources.R4B.task import Task

from guardrail.ledger.export.episode import episodes
from guardrail.ledger.export.fhir import OURS, bundle, write_fhir
from guardrail.ledger.note import Note
from guardrail.model.entry import Entry, EntryKind
from tests.ledger.export.scene import DISCUSSED, NARRATIVE, STORIES, TYPED, Scene
from tests.ledger_keys import KEYS

CODES = f"{OURS}/code/entry-kind"
DCM = "http://dicom.nema.org/resources/ontology/DCM"


def read_back(desk: Scene, *holds: str, keys: bool = True) -> Any:
    """Give the bundle of these holds as the library reads it."""
    told = [desk.episode(hold) if keys else desk.episode(hold, ()) for hold in holds]
    return Bundle.model_validate_json(json.dumps(bundle(told, desk.source())))


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
    out = io.StringIO()
    told = desk.episode(await STORIES[story](desk), ())
    write_fhir([told], out, desk.source())
    assert not [text for text in TYPED if text in out.getvalue()]
    assert "closed: a reader's key opens it" in out.getvalue()


async def test_all_of_a_ledger(desk: Scene) -> None:
    """All episodes in one bundle, each resource with an id of its own, the same every time; trouble has its code."""
    for story in STORIES.values():
        await story(desk)
    desk.ledger.append(
        Entry(EntryKind.FAILURE, desk.clock.now(), "front-desk", details={"where": "web", "incident": "i-1"}),
        Entry(EntryKind.REFUSED, desk.clock.now(), "front-desk", "dr-wren", details={"reason": "unknown"}),
    )
    told = episodes(desk.ledger.read())
    one, two = (bundle(told, desk.source(), desk.ledger.read()) for _ in range(2))
    assert one == two
    whole: Any = Bundle.model_validate(one)
    ids = [entry.resource.id for entry in whole.entry]
    assert len(ids) == len(set(ids))
    *_, failure, refused = of(whole, AuditEvent)
    assert (failure.outcome, failure.outcomeDesc) == ("12", "failed, and refused: web")
    assert (refused.outcome, refused.agent[0].who.identifier.value) == ("8", "dr-wren")


def test_nothing_is_a_bundle_too(desk: Scene) -> None:
    """An empty ledger gives an empty bundle."""
    out = io.StringIO()
    assert write_fhir([], out, desk.source()) == 0
    assert json.loads(out.getvalue())["resourceType"] == "Bundle"

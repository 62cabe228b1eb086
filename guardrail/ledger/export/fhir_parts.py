"""What FHIR R4 resources are made of: codes, identifiers, times, and the details in which facts stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from guardrail.ledger.canonical import SEALED
from guardrail.ledger.export.episode import Told
from guardrail.model.entry import Json

type Resource = dict[str, Json]

OURS = "https://guardrail.internal/fhir"
"""Under this name stand the identifiers and codes that are guardrail's own; nothing answers there."""
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_NOTHING_CODED = frozenset({SEALED, "also", "subject_key"})


def typed(told: Told) -> list[Json]:
    """Give what was typed, one detail a field, or that it is closed or destroyed."""
    if told.typed is not None:
        return details(told.typed)
    return [{"type": SEALED, "valueString": "destroyed" if told.destroyed else "closed: a reader's key opens it"}]


def details(facts: Mapping[str, Json]) -> list[Json]:
    """Give one detail a field; in R4 its value is a string, and an empty string is none."""
    found: list[Json] = []
    for name, value in facts.items():
        if value is None or name in _NOTHING_CODED:
            continue
        if isinstance(value, dict):
            found += details({f"{name}.{key}": item for key, item in value.items()})
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if text.strip():
            found.append({"type": name, "valueString": text})
    return found


def agent(who: str | None, policy: str | None) -> Resource:
    """Give who did it, and by which rule of which policy, if any."""
    return without_nothing({"requestor": True, "policy": [policy] if policy else None, "who": clinician(who)})


def clinician(name: str | None) -> Resource:
    """Give a clinician by the clinic's own id."""
    if name is None:
        return {"type": "Practitioner", "display": "not known"}
    return {"type": "Practitioner", "identifier": identifier("clinician", name)}


def observer(workstation: str) -> Resource:
    """Give the workstation that saw it."""
    device: Resource = {"type": "Device", "identifier": identifier("workstation", workstation)}
    return {"observer": device, "type": [coding("security-source-type", "1", "User Device")]}


def participant(code: str, display: str, who: Resource) -> Resource:
    """Give a part in a Provenance."""
    return {"type": {"coding": [coding("provenance-participant-type", code, display)]}, "who": who}


def identifier(system: str, value: str) -> Resource:
    """Give one of our own identifiers."""
    return {"system": f"{OURS}/identifier/{system}", "value": value}


def code_of(system: str, code: str, display: str) -> Resource:
    """Give a code of a system."""
    return {"system": system, "code": code, "display": display}


def coding(system: str, code: str, display: str) -> Resource:
    """Give a code of HL7's terminology."""
    return code_of(f"{_TERMINOLOGY}/{system}", code, display)


def dcm(code: str, display: str) -> Resource:
    """Give a code of DICOM's."""
    return code_of(_DCM, code, display)


def own(system: str, code: str) -> Resource:
    """Give a code of our own."""
    return {"system": f"{OURS}/code/{system}", "code": code}


def period(start: datetime, end: datetime) -> Resource:
    """Give a period."""
    return {"start": instant(start), "end": instant(end)}


def instant(at: datetime) -> str:
    """Give a time in UTC, as FHIR writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def uuid(name: str) -> str:
    """Give the id that this name always has."""
    return str(uuid5(NAMESPACE_URL, f"{OURS}/{name}"))


def without_nothing(resource: Resource) -> Resource:
    """Leave out what is None: FHIR has no null."""
    return {name: value for name, value in resource.items() if value is not None}

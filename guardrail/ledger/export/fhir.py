"""Episodes as a FHIR R4 bundle: AuditEvent for each override, Task for each duty, Provenance for what vouches for them.

The shape follows IHE BALP (Basic Audit Log Patterns); codes are those of DICOM PS3.16 annex D (DCM), of HL7's
v3-ActReason and of the code systems that R4's AuditEvent, Provenance and Task bind to. Whom an entry concerns is
named by the clinic's own reference or by the keyed token of the grant, never by name outside of what a key opened.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO
from uuid import NAMESPACE_URL, uuid5

from guardrail.ledger.canonical import SEALED
from guardrail.ledger.export.episode import CANCELLED, PROCEEDED, Episode, Leave, Owed, Told
from guardrail.model.entry import EntryKind, Json, StoredEntry

type Resource = dict[str, Json]

OURS = "https://guardrail.internal/fhir"
"""Under this name stand the identifiers and codes that are guardrail's own; nothing answers there."""
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_ACT_REASON = f"{_TERMINOLOGY}/v3-ActReason"
_STARTED, _STOPPED = ("110127", "Emergency Override Started"), ("110138", "Emergency Override Stopped")
_REASONS: Mapping[str, str] = {
    "BTG": "break the glass",
    "ETREAT": "Emergency Treatment",
    "THREAT": "Threat",
    "PATRQT": "patient requested",
}
# What the answers of the shipped forms mean; a clinic's own code stands as it is, with the coded reason BTG alone.
_DANGERS: Mapping[str, tuple[str, ...]] = {
    "self": ("ETREAT",),
    "unwell": ("ETREAT",),
    "from_others": ("ETREAT", "THREAT"),
    "child": ("ETREAT", "THREAT"),
    "safety": ("ETREAT", "THREAT"),
    "to_others": ("THREAT",),
}
_OUTCOMES: Mapping[EntryKind, tuple[str, str]] = {
    **dict.fromkeys(PROCEEDED, ("0", "proceeded")),
    **dict.fromkeys(CANCELLED, ("4", "cancelled")),
    EntryKind.REFUSED: ("8", "refused"),
    EntryKind.FAILURE: ("12", "failed, and refused"),
}
_NOTHING_CODED = frozenset({SEALED, "also", "subject_key"})


@dataclass(frozen=True, slots=True)
class Source:
    """Which ledger it is, by its origin, its signed head now, and when the bundle is made."""

    origin: str
    head: str
    at: datetime


def write_fhir(episodes: Iterable[Episode], out: TextIO, source: Source, failures: Iterable[StoredEntry] = ()) -> int:
    """Write one Bundle, checked by `fhir.resources`; give how many resources are in it."""
    from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415 - weighs 40 MB: only who exports FHIR loads it

    whole = bundle(episodes, source, failures)
    Bundle.model_validate(whole)
    json.dump(whole, out, ensure_ascii=False, indent=1)
    out.write("\n")
    entries = whole.get("entry")
    return len(entries) if isinstance(entries, list) else 0


def bundle(episodes: Iterable[Episode], source: Source, failures: Iterable[StoredEntry] = ()) -> Resource:
    """Give episodes, and refusals and failures that belong to none, as a Bundle of type `collection`."""
    made: list[Resource] = []
    for episode in episodes:
        made += _Scene(episode, source).resources()
    made += [_trouble(stored, source) for stored in failures if stored.entry.kind in _OUTCOMES]
    entries: list[Json] = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in made]
    # R4 allows no empty list.
    return _without_nothing(
        {"resourceType": "Bundle", "type": "collection", "timestamp": _instant(source.at), "entry": entries or None}
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """One episode, as it becomes resources."""

    episode: Episode
    source: Source

    def resources(self) -> list[Resource]:
        """Give the start and each stop of the override, the duties, and what vouches for them."""
        start = self._start()
        stops = [self._stop(leave, leave.over) for leave in self.episode.leaves if leave.over is not None]
        tasks = [self._task(duty, start) for duty in self.episode.duties]
        return [start, *stops, *tasks, self._provenance([start, *stops, *tasks])]

    def _start(self) -> Resource:
        ending = self.episode.ending
        told = ending or self.episode.opening
        code, words = _OUTCOMES[ending.entry.kind] if ending else (None, "open: nobody has answered yet")
        # Consent, `not my client` and a read warning are no emergency: they carry our own code alone.
        emergency = ending is not None and ending.entry.kind in {EntryKind.JUSTIFIED, *CANCELLED}
        facts: Resource = {
            "subtype": _subtypes(_STARTED if emergency else None, told),
            "period": self._period(),
            "outcome": code,
            "outcomeDesc": words,
            "purposeOfEvent": _purposes(ending),
        }
        return self._event(told, "start", facts, [*self._clients(), self._action(), *self._justification()])

    def _stop(self, leave: Leave, over: Told) -> Resource:
        emergency = self.episode.ending is not None and self.episode.ending.entry.kind is EntryKind.JUSTIFIED
        grant: Resource = {
            "type": _coding("audit-entity-type", "2", "System Object"),
            "name": "grant",
            "detail": _details({"grant": over.entry.grant, "uses": len(leave.uses)}),
        }
        facts: Resource = {
            "subtype": _subtypes(_STOPPED if emergency else None, over),
            "period": _period(leave.issued.entry.at, over.entry.at),
            "outcome": "0",
            "outcomeDesc": "the leave is over",
        }
        return self._event(over, f"stop {over.entry.grant}", facts, [*self._clients(), grant])

    def _event(self, told: Told, what: str, facts: Resource, entities: list[Json]) -> Resource:
        opened = self.episode.opening.entry
        policy = f"{OURS}/policy/{opened.policy_revision}#{opened.rule}" if opened.rule else None
        return _without_nothing(
            {
                "resourceType": "AuditEvent",
                "id": self._id(what),
                "type": _dcm("110113", "Security Alert"),
                "action": "E",
                "recorded": _instant(told.entry.at),
                **facts,
                "agent": [_agent(opened.clinician, policy)],
                "source": _observer(opened.workstation),
                "entity": entities,
            }
        )

    def _clients(self) -> list[Json]:
        """Give whom it concerns: by reference, or, where no client is meant, by the grants' keyed tokens."""
        tokens = [str(leave.issued.detail("subject_key")) for leave in self.episode.leaves]
        known = [("client", one) for one in self.episode.clients] or [("subject-token", one) for one in tokens]
        return [
            {
                "what": {"identifier": _identifier(system, value)},
                "type": _coding("audit-entity-type", "1", "Person"),
                "role": _coding("object-role", "1", "Patient"),
                "securityLabel": [_coding("v3-Confidentiality", "R", "restricted")],
            }
            for system, value in known
        ]

    def _action(self) -> Resource:
        """Give what was stopped, with the facts by which it was judged, and what was typed where a key opened it."""
        told = self.episode.opening
        entry = told.entry
        return {
            "what": {"identifier": _identifier("hold", self.episode.hold)},
            "type": _coding("audit-entity-type", "2", "System Object"),
            "role": _coding("object-role", "24", "Query"),
            "name": f"{entry.action} on {entry.site}",
            "detail": _details({"site": entry.site, "action": entry.action, **entry.details}) + _typed(told),
        }

    def _justification(self) -> list[Json]:
        ending = self.episode.ending
        if ending is None or ending.entry.kind not in PROCEEDED:
            return []
        return [
            _without_nothing(
                {
                    "what": {"identifier": _identifier("entry", self._entry_name(ending))},
                    "type": _coding("audit-entity-type", "2", "System Object"),
                    "role": _coding("object-role", "3", "Report"),
                    "name": "justification",
                    "detail": _details(ending.entry.details) + _typed(ending) or None,
                }
            )
        ]

    def _task(self, duty: Owed, start: Resource) -> Resource:
        last = duty.done or duty.late or duty.created
        client = duty.created.entry.client_ref
        typed = _typed(duty.done) if duty.done else []
        output: list[Json] = [
            {"type": {"text": one["type"]}, "valueString": one["valueString"]} for one in typed if isinstance(one, dict)
        ]
        return _without_nothing(
            {
                "resourceType": "Task",
                "id": self._id(f"task {duty.id}"),
                "identifier": [_identifier("duty", duty.id)],
                "status": "completed" if duty.done else "requested",
                "businessStatus": {"text": "overdue"} if duty.late and not duty.done else None,
                "intent": "order",
                "code": {"coding": [_own("duty", duty.kind)], "text": duty.kind},
                "focus": {"reference": f"urn:uuid:{start['id']}", "type": "AuditEvent"},
                "for": {"type": "Patient", "identifier": _identifier("client", client)} if client else None,
                "authoredOn": _instant(duty.created.entry.at),
                "lastModified": _instant(last.entry.at),
                "owner": _clinician(duty.created.entry.clinician),
                "restriction": {"period": {"end": _instant(duty.due)}} if duty.due else None,
                "executionPeriod": _period(duty.created.entry.at, duty.done.entry.at) if duty.done else None,
                "output": output or None,
            }
        )

    def _provenance(self, about: Sequence[Resource]) -> Resource:
        """Say who answered, which workstation wrote it down and signed it, and of which entries it is made."""
        opened, source = self.episode.opening.entry, self.source
        observer: Resource = {"type": "Device", "identifier": _identifier("workstation", opened.workstation)}
        entries: list[Json] = [
            {
                "role": "source",
                "what": {
                    "identifier": _identifier("entry", self._entry_name(one)),
                    "display": f"{one.entry.kind.value}, leaf {one.stored.leaf}",
                },
            }
            for one in self.episode.told
        ]
        signed: Resource = {
            # ASTM E1762-95: a system vouches that it kept what it was given.
            "type": [_code("urn:iso-astm:E1762-95:2013", "1.2.840.10065.1.12.1.5", "Verification Signature")],
            "when": _instant(source.at),
            "who": observer,
            "sigFormat": "text/plain",
            "data": base64.b64encode(source.head.encode()).decode(),
        }
        return {
            "resourceType": "Provenance",
            "id": self._id("provenance"),
            "target": [{"reference": f"urn:uuid:{one['id']}"} for one in about],
            "occurredPeriod": _period(self.episode.told[0].entry.at, self.episode.told[-1].entry.at),
            "recorded": _instant(source.at),
            "agent": [
                _participant("author", "Author", _clinician(opened.clinician)),
                _participant("assembler", "Assembler", observer),
            ],
            "entity": entries,
            "signature": [signed],
        }

    def _period(self) -> Json:
        """Give the window of the leave: to when it ended, or will end at the latest."""
        ends = [
            leave.over.entry.at if leave.over else leave.issued.moment("expires_at") for leave in self.episode.leaves
        ]
        known = [end for end in ends if end is not None]
        return _period(self.episode.leaves[0].issued.entry.at, max(known)) if known else None

    def _entry_name(self, told: Told) -> str:
        return f"{self.source.origin}#{told.stored.index}"

    def _id(self, what: str) -> str:
        return _uuid(f"{self.source.origin}#{self.episode.hold} {what}")


def _trouble(stored: StoredEntry, source: Source) -> Resource:
    """Give a refusal or a failure that belongs to no hold."""
    entry = stored.entry
    outcome, words = _OUTCOMES[entry.kind]
    code = next((str(entry.details[name]) for name in ("reason", "where") if name in entry.details), None)
    return _without_nothing(
        {
            "resourceType": "AuditEvent",
            "id": _uuid(f"{source.origin}#{stored.index}"),
            "type": _dcm("110113", "Security Alert"),
            "subtype": [_own("entry-kind", entry.kind.value)],
            "action": "E",
            "recorded": _instant(entry.at),
            "outcome": outcome,
            "outcomeDesc": f"{words}: {code}" if code else words,
            "agent": [_agent(entry.clinician, None)],
            "source": _observer(entry.workstation),
        }
    )


def _purposes(ending: Told | None) -> list[Json] | None:
    """Give why: the coded reasons of HL7, and the answers' own codes beside them."""
    if ending is None or ending.entry.kind not in {EntryKind.JUSTIFIED, EntryKind.CONSENT_USED}:
        return None
    danger, purpose = ending.detail("danger"), ending.detail("purpose")
    if ending.entry.kind is EntryKind.CONSENT_USED:
        reasons: tuple[str, ...] = ("PATRQT",)
    else:
        reasons = ("BTG", *_DANGERS.get(str(danger), ()))
    coded: list[Json] = [{"coding": [_code(_ACT_REASON, one, _REASONS[one])]} for one in reasons]
    own = [_own(name, str(code)) for name, code in (("danger", danger), ("purpose", purpose)) if code is not None]
    return coded + ([{"coding": [*own]}] if own else [])


def _subtypes(override: tuple[str, str] | None, told: Told) -> list[Json]:
    return [*([_dcm(*override)] if override else []), _own("entry-kind", told.entry.kind.value)]


def _typed(told: Told) -> list[Json]:
    """Give what was typed, one detail a field, or that it is closed or destroyed."""
    if told.typed is not None:
        return _details(told.typed)
    return [{"type": SEALED, "valueString": "destroyed" if told.destroyed else "closed: a reader's key opens it"}]


def _details(facts: Mapping[str, Json]) -> list[Json]:
    """Give one detail a field; in R4 its value is a string, and an empty string is none."""
    found: list[Json] = []
    for name, value in facts.items():
        if value is None or name in _NOTHING_CODED:
            continue
        if isinstance(value, dict):
            found += _details({f"{name}.{key}": item for key, item in value.items()})
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if text.strip():
            found.append({"type": name, "valueString": text})
    return found


def _agent(clinician: str | None, policy: str | None) -> Resource:
    agent: Resource = {"requestor": True, "policy": [policy] if policy else None, "who": _clinician(clinician)}
    return _without_nothing(agent)


def _clinician(clinician: str | None) -> Resource:
    if clinician is None:
        return {"type": "Practitioner", "display": "not known"}
    return {"type": "Practitioner", "identifier": _identifier("clinician", clinician)}


def _observer(workstation: str) -> Resource:
    observer: Resource = {"type": "Device", "identifier": _identifier("workstation", workstation)}
    return {"observer": observer, "type": [_coding("security-source-type", "1", "User Device")]}


def _participant(code: str, display: str, who: Resource) -> Resource:
    return {"type": {"coding": [_coding("provenance-participant-type", code, display)]}, "who": who}


def _identifier(system: str, value: str) -> Resource:
    return {"system": f"{OURS}/identifier/{system}", "value": value}


def _code(system: str, code: str, display: str) -> Resource:
    return {"system": system, "code": code, "display": display}


def _coding(system: str, code: str, display: str) -> Resource:
    return _code(f"{_TERMINOLOGY}/{system}", code, display)


def _dcm(code: str, display: str) -> Resource:
    return _code(_DCM, code, display)


def _own(system: str, code: str) -> Resource:
    return {"system": f"{OURS}/code/{system}", "code": code}


def _period(start: datetime, end: datetime) -> Resource:
    return {"start": _instant(start), "end": _instant(end)}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{OURS}/{name}"))


def _without_nothing(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if value is not None}

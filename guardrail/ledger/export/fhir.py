"""Episodes as a FHIR R4 bundle: AuditEvent for each override, Task for each duty, Provenance for what vouches for them.

The shape follows IHE BALP (Basic Audit Log Patterns); codes are those of DICOM PS3.16 annex D (DCM), of HL7's
v3-ActReason and of the code systems that R4's AuditEvent, Provenance and Task bind to. Whom an entry concerns is
named by the clinic's own reference or by the keyed token of the grant, never by name outside of what a key opened.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from guardrail.ledger.export import fhir_parts as parts
from guardrail.ledger.export.episode import CANCELLED, PROCEEDED, READ, Episode, Leave, Owed, Told
from guardrail.ledger.export.fhir_parts import Resource
from guardrail.model.entry import EntryKind, Json, StoredEntry

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
_TROUBLE = frozenset({EntryKind.REFUSED, EntryKind.FAILURE})


@dataclass(frozen=True, slots=True)
class Source:
    """Which ledger it is, by its origin, its signed head now, and when the bundle is made."""

    origin: str
    head: str
    at: datetime


def write_fhir(episodes: Iterable[Episode], out: TextIO, source: Source, beside: Iterable[StoredEntry] = ()) -> int:
    """Write one Bundle of type `collection`, resource by resource, in flat memory; give how many are in it.

    Each is checked by `fhir.resources` before it is written. Of the entries `beside`, refusals and failures that
    belong to no episode get a resource of their own.
    """
    from fhir.resources.R4B.bundle import BundleEntry  # noqa: PLC0415 - weighs 40 MB: only who exports FHIR loads it

    about: Resource = {"resourceType": "Bundle", "type": "collection", "timestamp": parts.instant(source.at)}
    out.write(json.dumps(about)[:-1])
    count = 0
    for resource in resources(episodes, source, beside):
        entry: Resource = {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
        BundleEntry.model_validate(entry)
        # R4 allows no empty list: it is begun with what is first in it.
        out.write((",\n" if count else ', "entry": [\n') + json.dumps(entry, ensure_ascii=False))
        count += 1
    out.write("\n]}\n" if count else "}\n")
    return count


def resources(episodes: Iterable[Episode], source: Source, beside: Iterable[StoredEntry] = ()) -> Iterator[Resource]:
    """Give what becomes of episodes, and of refusals and failures that belong to none, as they come."""
    for episode in episodes:
        yield from _Scene(episode, source).resources()
    yield from (_trouble(stored, source) for stored in beside if stored.entry.kind in _TROUBLE)


@dataclass(frozen=True, slots=True)
class _Scene:
    """One episode, as it becomes resources."""

    episode: Episode
    source: Source

    def resources(self) -> list[Resource]:
        """Give the start and each stop of the override, the duties, the reviews, and what vouches for them."""
        start = self._start()
        stops = [self._stop(leave, leave.over) for leave in self.episode.leaves if leave.over is not None]
        tasks = [self._task(duty, start) for duty in self.episode.duties]
        reviews = [self._review(told, start) for told in self.episode.reviews]
        about = [start, *stops, *tasks, *reviews]
        return [*about, self._provenance(about)]

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
            "type": parts.coding("audit-entity-type", "2", "System Object"),
            "name": "grant",
            "detail": parts.details({"grant": over.entry.grant, "uses": len(leave.uses)}),
        }
        facts: Resource = {
            "subtype": _subtypes(_STOPPED if emergency else None, over),
            "period": parts.period(leave.issued.entry.at, over.entry.at),
            "outcome": "0",
            "outcomeDesc": "the leave is over",
        }
        return self._event(over, f"stop {over.entry.grant}", facts, [*self._clients(), grant])

    def _event(self, told: Told, what: str, facts: Resource, entities: list[Json]) -> Resource:
        opened = self.episode.opening.entry
        policy = f"{parts.OURS}/policy/{opened.policy_revision}#{opened.rule}" if opened.rule else None
        return parts.without_nothing(
            {
                "resourceType": "AuditEvent",
                "id": self._id(what),
                "type": parts.dcm("110113", "Security Alert"),
                "action": "E",
                "recorded": parts.instant(told.entry.at),
                **facts,
                "agent": [parts.agent(opened.clinician, policy)],
                "source": parts.observer(opened.workstation),
                "entity": entities,
            }
        )

    def _clients(self) -> list[Json]:
        """Give whom it concerns: by reference, or, where no client is meant, by the grants' keyed tokens."""
        tokens = [str(leave.issued.detail("subject_key")) for leave in self.episode.leaves]
        known = [("client", one) for one in self.episode.clients] or [("subject-token", one) for one in tokens]
        return [
            {
                "what": {"identifier": parts.identifier(system, value)},
                "type": parts.coding("audit-entity-type", "1", "Person"),
                "role": parts.coding("object-role", "1", "Patient"),
                "securityLabel": [parts.coding("v3-Confidentiality", "R", "restricted")],
            }
            for system, value in known
        ]

    def _action(self) -> Resource:
        """Give what was stopped, with the facts by which it was judged, and what was typed where a key opened it."""
        told = self.episode.opening
        entry = told.entry
        return {
            "what": {"identifier": parts.identifier("hold", self.episode.hold)},
            "type": parts.coding("audit-entity-type", "2", "System Object"),
            "role": parts.coding("object-role", "24", "Query"),
            "name": f"{entry.action} on {entry.site}",
            "detail": parts.details({"site": entry.site, "action": entry.action, **entry.details}) + parts.typed(told),
        }

    def _justification(self) -> list[Json]:
        ending = self.episode.ending
        if ending is None or ending.entry.kind not in PROCEEDED:
            return []
        return [
            parts.without_nothing(
                {
                    "what": {"identifier": parts.identifier("entry", self._entry_name(ending))},
                    "type": parts.coding("audit-entity-type", "2", "System Object"),
                    "role": parts.coding("object-role", "3", "Report"),
                    "name": "justification",
                    "detail": parts.details(ending.entry.details) + parts.typed(ending) or None,
                }
            )
        ]

    def _task(self, duty: Owed, start: Resource) -> Resource:
        last = duty.done or duty.late or duty.created
        client = duty.created.entry.client_ref
        typed = parts.typed(duty.done) if duty.done else []
        output: list[Json] = [
            {"type": {"text": one["type"]}, "valueString": one["valueString"]} for one in typed if isinstance(one, dict)
        ]
        return parts.without_nothing(
            {
                "resourceType": "Task",
                "id": self._id(f"task {duty.id}"),
                "identifier": [parts.identifier("duty", duty.id)],
                "status": "completed" if duty.done else "requested",
                "businessStatus": {"text": "overdue"} if duty.late and not duty.done else None,
                "intent": "order",
                "code": {"coding": [parts.own("duty", duty.kind)], "text": duty.kind},
                "focus": {"reference": f"urn:uuid:{start['id']}", "type": "AuditEvent"},
                "for": {"type": "Patient", "identifier": parts.identifier("client", client)} if client else None,
                "authoredOn": parts.instant(duty.created.entry.at),
                "lastModified": parts.instant(last.entry.at),
                "owner": parts.clinician(duty.created.entry.clinician),
                "restriction": {"period": {"end": parts.instant(duty.due)}} if duty.due else None,
                "executionPeriod": parts.period(duty.created.entry.at, duty.done.entry.at) if duty.done else None,
                "output": output or None,
            }
        )

    def _review(self, told: Told, start: Resource) -> Resource:
        """Give what a supervisor found: an event about the event."""
        verdict = str(told.detail("verdict"))
        judged: Resource = {
            "what": {"reference": f"urn:uuid:{start['id']}", "type": "AuditEvent"},
            "type": parts.coding("audit-entity-type", "2", "System Object"),
            "role": parts.coding("object-role", "3", "Report"),
            "name": "review",
            "detail": [*parts.details({"verdict": verdict}), *parts.typed(told)],
        }
        verifier = parts.coding("provenance-participant-type", "verifier", "Verifier")
        return {
            "resourceType": "AuditEvent",
            "id": self._id(f"review {told.stored.index}"),
            "type": parts.coding("iso-21089-lifecycle", "verify", "Verify Record Lifecycle Event"),
            "subtype": [parts.own("entry-kind", told.entry.kind.value), parts.own("verdict", verdict)],
            "action": "E",
            "recorded": parts.instant(told.entry.at),
            "outcome": "0",
            "outcomeDesc": f"reviewed: {verdict}",
            "agent": [{"type": {"coding": [verifier]}, "requestor": True, "who": _reviewer(told)}],
            "source": parts.observer(told.entry.workstation),
            "entity": [judged],
        }

    def _provenance(self, about: Sequence[Resource]) -> Resource:
        """Say who answered, who judged it, which workstation wrote it down and signed, and of which entries it is."""
        opened, source = self.episode.opening.entry, self.source
        steps = [one for one in self.episode.told if one.entry.kind not in READ]
        # One who reviewed twice is one.
        verifiers = {str(one.detail("by")): _reviewer(one) for one in self.episode.reviews}
        observer: Resource = {"type": "Device", "identifier": parts.identifier("workstation", opened.workstation)}
        entries: list[Json] = [
            {
                "role": "source",
                "what": {
                    "identifier": parts.identifier("entry", self._entry_name(one)),
                    "display": f"{one.entry.kind.value}, leaf {one.stored.leaf}",
                },
            }
            for one in steps
        ]
        signed: Resource = {
            # ASTM E1762-95: a system vouches that it kept what it was given.
            "type": [parts.code_of("urn:iso-astm:E1762-95:2013", "1.2.840.10065.1.12.1.5", "Verification Signature")],
            "when": parts.instant(source.at),
            "who": observer,
            "sigFormat": "text/plain",
            "data": base64.b64encode(source.head.encode()).decode(),
        }
        return {
            "resourceType": "Provenance",
            "id": self._id("provenance"),
            "target": [{"reference": f"urn:uuid:{one['id']}"} for one in about],
            "occurredPeriod": parts.period(steps[0].entry.at, steps[-1].entry.at),
            "recorded": parts.instant(source.at),
            "agent": [
                parts.participant("author", "Author", parts.clinician(opened.clinician)),
                parts.participant("assembler", "Assembler", observer),
                *(parts.participant("verifier", "Verifier", who) for who in verifiers.values()),
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
        return parts.period(self.episode.leaves[0].issued.entry.at, max(known)) if known else None

    def _entry_name(self, told: Told) -> str:
        return f"{self.source.origin}#{told.stored.index}"

    def _id(self, what: str) -> str:
        return parts.uuid(f"{self.source.origin}#{self.episode.hold} {what}")


def _trouble(stored: StoredEntry, source: Source) -> Resource:
    """Give a refusal or a failure that belongs to no hold."""
    entry = stored.entry
    outcome, words = _OUTCOMES[entry.kind]
    code = next((str(entry.details[name]) for name in ("reason", "where") if name in entry.details), None)
    return parts.without_nothing(
        {
            "resourceType": "AuditEvent",
            "id": parts.uuid(f"{source.origin}#{stored.index}"),
            "type": parts.dcm("110113", "Security Alert"),
            "subtype": [parts.own("entry-kind", entry.kind.value)],
            "action": "E",
            "recorded": parts.instant(entry.at),
            "outcome": outcome,
            "outcomeDesc": f"{words}: {code}" if code else words,
            "agent": [parts.agent(entry.clinician, None)],
            "source": parts.observer(entry.workstation),
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
    coded: list[Json] = [{"coding": [parts.coding("v3-ActReason", one, _REASONS[one])]} for one in reasons]
    own = [parts.own(name, str(code)) for name, code in (("danger", danger), ("purpose", purpose)) if code is not None]
    return coded + ([{"coding": [*own]}] if own else [])


def _subtypes(override: tuple[str, str] | None, told: Told) -> list[Json]:
    return [*([parts.dcm(*override)] if override else []), parts.own("entry-kind", told.entry.kind.value)]


def _reviewer(told: Told) -> Resource:
    """Give who judged, by the name at the system."""
    return {"type": "Practitioner", "identifier": parts.identifier("user", str(told.detail("by")))}

"""How each step of a hold, a grant and a duty is written down. What was typed stands only under `sealed`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from guardrail.model.action import Action, Subject
from guardrail.model.decision import Decision
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.model.hold import Attestation, Consent, Duty, Grant, Hold, Justification
from guardrail.model.people import Clinician


@dataclass(frozen=True, slots=True)
class Scribe:
    """Who writes: the workstation that every entry names."""

    workstation: str

    def noted(self, action: Action, decision: Decision, clinician: Clinician, at: datetime) -> Entry:
        """Write down an action that passed, and that a rule wants on record."""
        seen = {**_circumstances(action, decision), **_also(decision)}
        return self._about(EntryKind.NOTED, action, decision, clinician, at, seen, client=_first(decision))

    def excepted(self, token: str, action: Action, decision: Decision, clinician: Clinician, at: datetime) -> Entry:
        """Write down an action that passed since the clinic has excepted its words."""
        noted = self.noted(action, decision, clinician, at)
        return replace(noted, details={**noted.details, "exception": token})

    def hold_opened(self, hold: Hold, at: datetime) -> Entry:
        """Write down an action that was stopped."""
        details = {"surface": hold.surface, **_circumstances(hold.action, hold.decision)}
        return self._hold(EntryKind.HOLD_OPENED, hold, at, details)

    def backed_out(self, hold: Hold, at: datetime) -> Entry:
        """Write down that the clinician went back."""
        return self._hold(EntryKind.BACKED_OUT, hold, at)

    def abandoned(self, hold: Hold, at: datetime, cause: str = "time") -> Entry:
        """Write down that nobody answered in time, or (`memory`) before too much else was on hold."""
        return self._hold(EntryKind.ABANDONED, hold, at, {"cause": cause})

    def abandoned_by_restart(self, opened: Entry, at: datetime) -> Entry:
        """Write down a hold that was open when guardrail ended: nobody can answer it any more."""
        facts = {name: getattr(opened, name) for name in _FACTS}
        return Entry(EntryKind.ABANDONED, at, self.workstation, hold=opened.hold, **facts, details={"cause": "restart"})

    def acknowledged(self, hold: Hold, at: datetime) -> Entry:
        """Write down that a warning was read, and the clinician goes on."""
        return self._hold(EntryKind.ACKNOWLEDGED, hold, at)

    def justified(self, hold: Hold, answers: Justification, at: datetime) -> Entry:
        """Write down the answers to the crisis form: codes in the clear, words sealed."""
        when: dict[str, Json] = {means.code: means.when for means in answers.means if means.when}
        details: dict[str, Json] = {
            "form": hold.decision.rule.form if hold.decision.rule else None,
            "danger": answers.danger,
            "means": [means.code for means in answers.means],
            "no_time": answers.no_time,
            "purpose": answers.purpose,
            "fast": answers.fast,
            "duty_accepted": answers.duty_accepted,
            "next_meeting": answers.next_meeting.isoformat() if answers.next_meeting else None,
            "sealed": {"narrative": answers.narrative, "means_when": when},
        }
        return self._hold(EntryKind.JUSTIFIED, hold, at, details)

    def attested(self, hold: Hold, answers: Attestation, at: datetime, words: str | None) -> Entry:
        """Write down that the clinician says that this is not a client; `words` is the token of what was typed."""
        sealed: dict[str, Json] = {"note": answers.note} if answers.note else {}
        about: dict[str, Json] = {"words": words} if words is not None else {}
        return self._hold(EntryKind.ATTESTED, hold, at, {"reason": answers.reason, "sealed": sealed, **about})

    def consent_used(self, hold: Hold, answers: Consent, at: datetime) -> Entry:
        """Write down that the client agreed, in session."""
        details: dict[str, Json] = {
            "purpose": answers.purpose, "in_session": answers.in_session, "agreed": answers.agreed,
        }  # fmt: skip
        return self._hold(EntryKind.CONSENT_USED, hold, at, details)

    def grant_issued(self, grant: Grant, hold: Hold) -> Entry:
        """Write down a grant, whole: replay makes it again from this entry."""
        details: dict[str, Json] = {
            "subject_key": grant.subject_key,
            "purpose": grant.purpose,
            "scope": grant.scope.value,
            "actions": [*sorted(grant.actions)],
            "on_site": grant.site,
            "expires_at": grant.expires_at.isoformat(),
            "uses": grant.uses_left,
            **(_also(hold.decision) if grant.denies else {}),
        }
        about = (hold.action, hold.decision, hold.clinician, grant.issued_at)
        client = _client_of(grant, hold.decision)
        return self._about(EntryKind.GRANT_ISSUED, *about, details, hold=hold.id, grant=grant.id, client=client)

    def grant_used(
        self, grant: Grant, action: Action, decision: Decision, clinician: Clinician, at: datetime
    ) -> tuple[Entry, ...]:
        """Write down that a grant let an action through; a second entry where that was its last use."""
        about, client = (action, decision, clinician, at), _client_of(grant, decision)
        seen = _circumstances(action, decision)
        entry = self._about(EntryKind.GRANT_USED, *about, seen, hold=grant.hold_id, grant=grant.id, client=client)
        if grant.uses_left != 1:
            return (entry,)
        return entry, self._about(
            EntryKind.GRANT_USED_UP, *about, {}, hold=grant.hold_id, grant=grant.id, client=client
        )

    def grant_over(self, kind: EntryKind, grant: Grant, at: datetime) -> Entry:
        """Write down that a grant ended by time (GRANT_EXPIRED) or by its clinician (GRANT_REVOKED)."""
        return Entry(kind, at, self.workstation, grant.clinician_id, hold=grant.hold_id, grant=grant.id)

    def duty_created(self, duty: Duty, hold: Hold, at: datetime) -> Entry:
        """Write down what the grant obliges to."""
        details: dict[str, Json] = {
            "duty": duty.id, "duty_kind": duty.kind, "due_at": duty.due_at.isoformat() if duty.due_at else None,
        }  # fmt: skip
        about = (hold.action, hold.decision, hold.clinician, at)
        owed = {"hold": hold.id, "grant": duty.grant_id, "client": duty.client_ref}
        return self._about(EntryKind.DUTY_CREATED, *about, details, **owed)

    def duty_done(self, duty: Duty, text: str, at: datetime) -> Entry:
        """Write down that a duty was done; what was written is sealed."""
        return self._duty(EntryKind.DUTY_DONE, duty, at, {"sealed": {"text": text} if text else {}})

    def duty_overdue(self, duty: Duty, at: datetime) -> Entry:
        """Write down that a duty was not done in time."""
        return self._duty(EntryKind.DUTY_OVERDUE, duty, at, {})

    def notice_acknowledged(self, clinician: Clinician, at: datetime) -> Entry:
        """Write down that the clinician knows what is recorded: from here on it is."""
        details: dict[str, Json] = {"how": clinician.how}
        return Entry(EntryKind.NOTICE_ACKNOWLEDGED, at, self.workstation, clinician.id, details=details)

    def refused(self, reason: str, clinician: Clinician | None, at: datetime, about: Mapping[str, str | None]) -> Entry:
        """Write down that something was refused: why in one code; `about` may say `site`, `hold` and `incident`."""
        who = clinician.id if clinician else None
        details: dict[str, Json] = {"reason": reason, "incident": about.get("incident")}
        place = {"site": about.get("site"), "hold": about.get("hold")}
        return Entry(EntryKind.REFUSED, at, self.workstation, who, **place, details=details)

    def failed(self, incident: str, where: str, at: datetime, site: str | None) -> Entry:
        """Write down that guardrail itself failed, and refused."""
        details: dict[str, Json] = {"incident": incident, "where": where}
        return Entry(EntryKind.FAILURE, at, self.workstation, site=site, details=details)

    def _duty(self, kind: EntryKind, duty: Duty, at: datetime, details: Mapping[str, Json]) -> Entry:
        known: dict[str, Json] = {"duty": duty.id, "duty_kind": duty.kind, **details}
        who = (duty.clinician_id,)
        return Entry(kind, at, self.workstation, *who, client_ref=duty.client_ref, grant=duty.grant_id, details=known)

    def _hold(
        self,
        kind: EntryKind,
        hold: Hold,
        at: datetime,
        details: Mapping[str, Json] | None = None,
    ) -> Entry:
        about, also = (hold.action, hold.decision, hold.clinician, at), _also(hold.decision)
        return self._about(kind, *about, {**(details or {}), **also}, hold=hold.id, client=_first(hold.decision))

    def _about(  # noqa: PLR0913, PLR0917 - the facts of an entry, in one place
        self,
        kind: EntryKind,
        action: Action,
        decision: Decision,
        who: Clinician,
        at: datetime,
        /,
        details: Mapping[str, Json],
        *,
        hold: str | None = None,
        grant: str | None = None,
        client: str | None,
    ) -> Entry:
        return Entry(
            kind=kind,
            at=at,
            workstation=self.workstation,
            clinician=who.id,
            site=action.site,
            action=action.kind.value,
            rule=decision.rule.id if decision.rule else None,
            policy_revision=decision.revision,
            client_ref=client,
            hold=hold,
            grant=grant,
            details=details,
        )


_FACTS = ("clinician", "site", "action", "rule", "policy_revision", "client_ref")


def _client_of(grant: Grant, decision: Decision) -> str | None:
    """Give the client whom a grant is about, or whom its attestation denies; None where there is none."""
    refs = [client.client_ref for client in decision.clients]
    if grant.subject_key in refs:
        return grant.subject_key
    return _first(decision) if grant.subject_key.startswith(("attested:", "quiet:")) else None


def _first(decision: Decision) -> str | None:
    return decision.clients[0].client_ref if decision.clients else None


def _also(decision: Decision) -> dict[str, Json]:
    """List the references of the further clients whom an action concerns, beside the entry's own `client_ref`."""
    others = [client.client_ref for client in decision.clients[1:]]
    return {"also": [*others]} if others else {}


def _circumstances(action: Action, decision: Decision) -> dict[str, Json]:
    """Say why the policy spoke, and seal about whom: an id or a handle names a person too."""
    seen = _seen(action.subject)
    others: list[Json] = [_seen(concern.subject) for concern in decision.concerns if concern.subject != action.subject]
    if others:
        seen["others"] = others
    return {
        "verdict": decision.verdict.name.lower(),
        "mode": decision.rule.mode.value if decision.rule else None,
        "population": decision.population.value,
        "account": decision.account.value,
        "match": decision.match.how if decision.match else None,
        "recogniser": action.recogniser,
        "failed_rules": len(decision.errors),
        "sealed": seen,
    }


def _seen(subject: Subject) -> dict[str, Json]:
    parts = {
        "query": subject.query,
        "id": subject.id,
        "alt_id": subject.alt_id,
        "handle": subject.handle,
        "name": subject.name,
    }
    return {name: value for name, value in parts.items() if value is not None}

"""Turns a checked rules.yaml into the frozen Policy, with its rules indexed by action. Pure; raises nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

import rfc8785

from guardrail.model.action import ActionKind, Confidence
from guardrail.model.decision import FiredRule, GrantTerms, Mode, Scope, Verdict
from guardrail.model.people import Population, Strength
from guardrail.policy import schema
from guardrail.policy.terms import (
    AccountKeys,
    AttestationForm,
    Clinic,
    CodedReason,
    Condition,
    ConsentForm,
    Contact,
    CrisisForm,
    CrisisLine,
    DutyTerms,
    FailureMode,
    Offer,
    Policy,
    Rule,
    SiteAccounts,
    Text,
)

FALLBACK_ID = "guardrail"
"""The id of the rule that speaks where the policy itself could not: on no list, but Policy.rule knows it."""

_CAPS = {Mode.MONITOR: Verdict.NOTE, Mode.WARN: Verdict.WARN, Mode.ENFORCE: Verdict.BLOCK}
_UNREAD = {FailureMode.CLOSED: Verdict.JUSTIFY, FailureMode.WARN: Verdict.WARN, FailureMode.OPEN: Verdict.NOTE}
_SAFE_OFFERS = (Offer.CRISIS.value, Offer.ATTEST.value)
_SAFE_GRANT = GrantTerms(minutes=15, uses=1, scope=Scope.ACTION)


def compile_rules(file: schema.RulesFile) -> Policy:
    """Give the Policy of a file that check.py has passed."""
    first_form = next(iter(file.forms))
    rules = tuple(_rule(part, file, first_form) for part in file.rules)
    return Policy(
        revision=_revision(file),
        languages=tuple(file.languages),
        clinic=_clinic(file.clinic),
        site_groups=MappingProxyType({name: frozenset(sites) for name, sites in file.site_groups.items()}),
        accounts=MappingProxyType({site: _accounts(part) for site, part in file.accounts.items()}),
        colleagues=MappingProxyType({site: _keys(part) for site, part in file.colleagues.items()}),
        forms=MappingProxyType({form_id: _form(form_id, part) for form_id, part in file.forms.items()}),
        attestation=AttestationForm(
            _text(file.attestation.question),
            _reasons(file.attestation.reasons),
            _grant(file.attestation.grant),
            file.attestation.quiet_days,
        ),
        consent=ConsentForm(
            question=_text(file.consent.question),
            in_session=_text(file.consent.in_session),
            agreed=_text(file.consent.agreed),
            purposes=_reasons(file.consent.purposes),
            grant=_grant(file.consent.grant),
        ),
        duties=MappingProxyType(
            {
                duty_id: DutyTerms(duty_id, _text(part.label), part.due_hours, part.at_next_meeting)
                for duty_id, part in file.duties.items()
            }
        ),
        rules=rules,
        by_kind=MappingProxyType(
            {kind: tuple(rule for rule in rules if kind in rule.condition.actions) for kind in ActionKind}
        ),
        fallback=_fallback(first_form),
    )


def _revision(file: schema.RulesFile) -> str:
    """Hash what the policy says: comments, layout and tests do not count (RFC 8785 bytes)."""
    return hashlib.sha256(rfc8785.dumps(file.model_dump(mode="json", exclude={"tests"}))).hexdigest()


def _rule(part: schema.RulePart, file: schema.RulesFile, first_form: str) -> Rule:
    declared, grant = Verdict[part.verdict.name], _grant(part.grant) if part.grant else None
    offers = tuple(offer.value for offer in part.offers)

    def speaks(verdict: Verdict) -> FiredRule:
        """Give what the rule contributes at `verdict`; a rule without a way on gets a safe one when it must ask."""
        asks = verdict is Verdict.JUSTIFY
        return FiredRule(
            id=part.id,
            verdict=verdict,
            mode=part.mode,
            form=(part.form or first_form) if asks else part.form,
            grant=(grant or _SAFE_GRANT) if verdict in {Verdict.JUSTIFY, Verdict.WARN} else None,
            duties=tuple(part.duties) if asks else (),
            offers=(offers or _SAFE_OFFERS) if asks else _offers_of(verdict),
        )

    return Rule(
        id=part.id,
        title=_text(part.title),
        clause=_text(part.clause),
        sentence=_text(part.sentence),
        code_reason=_optional(part.code_reason),
        condition=_condition(part.when, file.site_groups),
        verdict=declared,
        mode=part.mode,
        on_failure=part.on_failure,
        form=part.form,
        grant=grant,
        duties=tuple(part.duties),
        offers=offers,
        fired=speaks(min(declared, _CAPS[part.mode])),
        failed=speaks(max(declared, Verdict.JUSTIFY)),
        unread=speaks(min(_UNREAD[part.on_failure], _CAPS[part.mode])),
    )


def _offers_of(verdict: Verdict) -> tuple[str, ...]:
    return (Offer.ACKNOWLEDGE.value,) if verdict is Verdict.WARN else ()


def _condition(when: schema.WhenPart, groups: Mapping[str, Iterable[str]]) -> Condition:
    anyone = schema.SubjectName.ANYONE in when.subjects
    return Condition(
        actions=frozenset(when.actions),
        sites=None if when.sites is None else _sites(when.sites, groups),
        subjects=None if anyone else frozenset(Population(name.value) for name in when.subjects),
        accounts=_or_any(when.accounts),
        strength=Strength[when.strength.name],
        confidence=when.confidence,
        of_clinic_account=when.of is not None,
        clinicians=_or_any(when.clinicians),
        starts=when.starts,
    )


def _or_any[T](values: Collection[T] | None) -> frozenset[T] | None:
    return None if values is None else frozenset(values)


def _sites(names: Iterable[str], groups: Mapping[str, Iterable[str]]) -> frozenset[str]:
    return frozenset(site for name in names for site in groups.get(name, (name,)))


def _fallback(form: str) -> Rule:
    speaks = FiredRule(FALLBACK_ID, Verdict.JUSTIFY, Mode.ENFORCE, form, _SAFE_GRANT, (), _SAFE_OFFERS)
    return Rule(
        id=FALLBACK_ID,
        title={"en": "Guardrail could not check this", "fr": "Guardrail n’a pas pu vérifier"},
        clause={
            "en": "What cannot be checked is asked about, not let through.",
            "fr": "Ce qui ne peut être vérifié fait l’objet d’une question, et ne passe pas d’office.",
        },
        sentence={
            "en": "Something went wrong while this was checked against the policy. Going back is safe.",
            "fr": "Une erreur est survenue pendant la vérification. Revenir en arrière est sans risque.",
        },
        code_reason=None,
        condition=Condition(frozenset(), None, None, None, Strength.WEAK, Confidence.LOW, False, None, None),
        verdict=Verdict.JUSTIFY,
        mode=Mode.ENFORCE,
        on_failure=FailureMode.CLOSED,
        form=form,
        grant=_SAFE_GRANT,
        duties=(),
        offers=_SAFE_OFFERS,
        fired=speaks,
        failed=speaks,
        unread=speaks,
    )


def _text(part: schema.TextPart) -> Text:
    return MappingProxyType(dict(part.root))


def _optional(part: schema.TextPart | None) -> Text | None:
    return None if part is None else _text(part)


def _reasons(parts: Iterable[schema.ReasonPart]) -> tuple[CodedReason, ...]:
    return tuple(CodedReason(part.code, _text(part.label)) for part in parts)


def _grant(part: schema.GrantPart) -> GrantTerms:
    return GrantTerms(part.minutes, part.uses, part.scope)


def _keys(part: schema.AccountKeysPart) -> AccountKeys:
    handles = frozenset(handle.removeprefix("@").lower() for handle in part.handles)
    return AccountKeys(frozenset(part.ids), handles)


def _accounts(part: schema.SiteAccountsPart) -> SiteAccounts:
    return SiteAccounts(_keys(part.clinic_page), _keys(part.professional), part.assume)


def _clinic(part: schema.ClinicPart) -> Clinic:
    return Clinic(
        part.name,
        Contact(part.supervisor.name, part.supervisor.phone, part.supervisor.email),
        tuple(CrisisLine(_text(line.label), line.phone, line.verified) for line in part.crisis_lines),
    )


def _form(form_id: str, part: schema.FormPart) -> CrisisForm:
    return CrisisForm(
        id=form_id,
        title=_text(part.title),
        danger_question=_text(part.danger_question),
        means_question=_text(part.means_question),
        purpose_question=_text(part.purpose_question),
        narrative_question=_text(part.narrative_question),
        danger=_reasons(part.danger),
        means=_reasons(part.means),
        purposes=_reasons(part.purposes),
        no_time=_optional(part.no_time),
        fast_line_max=part.fast_line_max,
        narrative_min=part.narrative_min,
        narrative_max=part.narrative_max,
        narrative_hours=part.narrative_hours,
    )

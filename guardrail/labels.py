"""The policy's words for the codes that stand on the ledger, in one language."""

from __future__ import annotations

from collections.abc import Iterator

from guardrail.ledger.export.labels import Labels
from guardrail.policy.terms import Policy, Text


def labels_of(policy: Policy, language: str) -> Labels:
    """Give what a policy calls its rules, answers and duties."""
    words = {key: policy.say(text, language) for key, text in _texts(policy)}
    return Labels(policy.clinic.name, policy.revision, words)


def _texts(policy: Policy) -> Iterator[tuple[tuple[str, str, str], Text]]:
    for rule in (*policy.rules, policy.fallback):
        yield ("rule", rule.id, "title"), rule.title
        yield ("rule", rule.id, "clause"), rule.clause
    for form in policy.forms.values():
        if form.no_time is not None:
            yield (form.id, "no_time", "no_time"), form.no_time
        for part, answers in (("danger", form.danger), ("means", form.means), ("purpose", form.purposes)):
            for answer in answers:
                yield (form.id, part, answer.code), answer.label
    for reason in policy.attestation.reasons:
        yield ("attestation", "reason", reason.code), reason.label
    for purpose in policy.consent.purposes:
        yield ("consent", "purpose", purpose.code), purpose.label
    for duty in policy.duties.values():
        yield ("duty", duty.id, "label"), duty.label

"""The policy's words for every code that the ledger can hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrail.labels import labels_of
from guardrail.policy.load import load_policy

POLICY = load_policy(Path(__file__).parent.parent / "rules.yaml")


@pytest.mark.parametrize(
    ("language", "key", "words"),
    [
        ("en", ("rule", "searching", "title"), "Searching for a client"),
        ("fr", ("rule", "searching", "title"), "Recherche sur un client"),
        ("en", ("crisis", "danger", "self"), "The client: suicide or self-harm"),
        ("fr", ("crisis", "means", "phone"), "Téléphone ou texto, sans réponse"),
        ("en", ("crisis", "no_time", "no_time"), "No time: the danger is immediate"),
        ("en", ("attestation", "reason", "same_name"), "Someone else with the same name"),
        ("fr", ("consent", "purpose", "online_harm"), "Du harcèlement ou un préjudice en ligne"),
        ("en", ("duty", "write_outcome", "label"), "Write down what came of it"),
        ("en", ("rule", "no-such-rule", "title"), None),
    ],
)
def test_words(language: str, key: tuple[str, str, str], words: str | None) -> None:
    """Each in the language of the report; what the policy does not know has none."""
    assert labels_of(POLICY, language).of(*key) == words


def test_every_code_has_its_words() -> None:
    """Every rule, answer and duty of the shipped policy, in both languages."""
    for language in POLICY.languages:
        labels = labels_of(POLICY, language)
        assert all(labels.of("rule", rule.id, what) for rule in POLICY.rules for what in ("title", "clause"))
        assert all(
            labels.of(form.id, part, answer.code)
            for form in POLICY.forms.values()
            for part, answers in (("danger", form.danger), ("means", form.means), ("purpose", form.purposes))
            for answer in answers
        )
        assert (labels.clinic, labels.revision) == (POLICY.clinic.name, POLICY.revision)

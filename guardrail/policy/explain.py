"""Says in words why the policy decided as it did: which rules applied, which nearly did, and what was missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from guardrail.model.decision import Decision
from guardrail.model.people import Population
from guardrail.policy.evaluate import PARTS, Facts, decide
from guardrail.policy.terms import Condition, Policy, Rule


@dataclass(frozen=True, slots=True)
class RuleStory:
    """One rule's part: `missing` says which parts of its condition did not hold (empty: it applied)."""

    rule: Rule
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with the rules on its action that applied, and those that came within one part of it."""

    decision: Decision
    applied: tuple[RuleStory, ...]
    nearly: tuple[RuleStory, ...]

    def lines(self, language: str = "en") -> tuple[str, ...]:
        """Give the explanation for a terminal, one thought a line; only the rules' titles follow `language`."""
        decision = self.decision
        by = f" by the rule `{decision.rule.id}`" if decision.rule else ": no rule applies"
        return (
            f"{decision.verdict.name.lower()}{by} (policy {decision.revision[:12]})",
            *(f"  applies: {_named(story.rule, language)}: {_says(story.rule)}" for story in self.applied),
            *(f"  nearly:  {_named(story.rule, language)}: {story.missing[0]}" for story in self.nearly),
            *(f"  error:   {error}" for error in decision.errors),
        )


def explain(policy: Policy, facts: Facts) -> Explanation:
    """Explain what the policy decides on `facts` (evaluate.facts_of makes them of an action). Never raises."""
    decision = decide(policy, facts)
    fired = {rule.id for rule in decision.fired}
    others = (rule for rule in policy.by_kind.get(facts.kind, ()) if rule.id not in fired)
    stories = [RuleStory(rule, _missing(rule, facts)) for rule in others]
    return Explanation(
        decision=decision,
        applied=tuple(RuleStory(policy.rule(rule.id), ()) for rule in decision.fired),
        nearly=tuple(story for story in stories if len(story.missing) == 1),
    )


def _missing(rule: Rule, facts: Facts) -> tuple[str, ...]:
    return tuple(_WHY_NOT[name](rule.condition, facts) for name, holds in PARTS if not holds(rule.condition, facts))


def _says(rule: Rule) -> str:
    said = rule.verdict.name.lower()
    if rule.fired.verdict is rule.verdict:
        return said
    return f"{said}, held to {rule.fired.verdict.name.lower()} while its mode is {rule.mode}"


def _named(rule: Rule, language: str) -> str:
    title = rule.title.get(language) or next(iter(rule.title.values()))
    return f"`{rule.id}`, {title}"


def _subject(condition: Condition, facts: Facts) -> str:
    if facts.matches:
        best = facts.matches[0]
        if condition.subjects is not None and best.population not in condition.subjects:
            return f"it is about {_words(condition.subjects)}, not {_words([best.population])}"
        return (
            f"the match is too weak: {best.strength.name.lower()}, where {condition.strength.name.lower()} is asked for"
        )
    wanted: Iterable[Population] = condition.subjects or ()
    return f"it is about {_words(wanted)}, not {_words([facts.population])}"


def _words(names: Iterable[str]) -> str:
    return " or ".join(sorted(name.replace("_", " ") for name in names))


_WHY_NOT: Mapping[str, Callable[[Condition, Facts], str]] = {
    "site": lambda _, facts: f"it does not name the site {facts.site}",
    "subject": _subject,
    "account": lambda condition, facts: (
        f"it is for the account {_words(condition.accounts or ())}, not {_words([facts.account])}"
    ),
    "of": lambda *_: "what is looked at is not one of the clinic's accounts",
    "confidence": lambda *_: "the recogniser is not sure enough of the action",
    "clinician": lambda *_: "this clinician is not in its pilot group",
    "starts": lambda condition, _: f"it starts on {condition.starts}",
}

"""Says in words what differs between two policies: what a supervisor signs, and what clients are told of. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum, IntEnum

from guardrail.model.decision import Mode
from guardrail.policy.terms import FailureMode, Policy, Rule

_DERIVED = frozenset({"revision", "by_kind", "fallback", "fired", "failed", "unread"})
_NAMES = {"rules": "rule", "forms": "form", "duties": "duty", "condition": "when", "site_groups": "sites"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where it stands, and what it was and is (None: not there).

    `weaker` is true where the new policy stands less strongly against something, as far as one line can tell.
    """

    where: str
    before: str | None
    after: str | None
    weaker: bool = False

    def __str__(self) -> str:
        """Give the change in one line."""
        note = " (weaker)" if self.weaker else ""
        if self.before is None:
            return f"{self.where}: new, {self.after}{note}"
        if self.after is None:
            return f"{self.where}: gone, was {self.before}{note}"
        return f"{self.where}: was {self.before}, is {self.after}{note}"


def difference(before: Policy, after: Policy) -> tuple[Change, ...]:
    """Give every difference: rules that are gone or new, what changed in the rest, then the order of the rules."""
    old_rules, new_rules = ({rule.id: rule for rule in policy.rules} for policy in (before, after))
    both = old_rules.keys() & new_rules.keys()
    return (
        *(Change(f"rule `{i}`", _sum_up(rule), None, weaker=True) for i, rule in old_rules.items() if i not in both),
        *(Change(f"rule `{i}`", None, _sum_up(rule)) for i, rule in new_rules.items() if i not in both),
        *_changed(_only(before, both), _only(after, both)),
    )


def _only(policy: Policy, ids: AbstractSet[str]) -> Policy:
    return replace(policy, rules=tuple(rule for rule in policy.rules if rule.id in ids))


def _sum_up(rule: Rule) -> str:
    return f"{_say(rule.verdict)}, {_say(rule.condition.actions)}, {_say(next(iter(rule.title.values())))}"


def _changed(before: Policy, after: Policy) -> Iterator[Change]:
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    for where in {**old, **new}:
        was, now = old.get(where), new.get(where)
        if was != now:
            is_weaker = _WEAKER.get(where.rsplit(" ", 1)[-1], _never) if where.startswith("rule ") else _never
            yield Change(where, _say_or_none(was), _say_or_none(now), weaker=is_weaker(was, now))
    orders = [", ".join(rule.id for rule in policy.rules) for policy in (before, after)]
    if orders[0] != orders[1]:
        yield Change("the order of the rules", orders[0], orders[1])


def _leaves(value: object, where: str) -> Iterator[tuple[str, object]]:
    """Walk to the single values; list items are known by their id or code, so that an insertion is one change."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{where} `{key}`".strip())
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in _DERIVED:
                yield from _leaves(getattr(value, field.name), f"{where} {_NAMES.get(field.name, field.name)}".strip())
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        for at, item in enumerate(value):
            name = getattr(item, "id", None) or getattr(item, "code", None) or str(at + 1)
            yield from _leaves(item, f"{where} `{name}`")
    elif value is not None and value not in ((), frozenset()):
        yield where, value


def _never(_was: object, _now: object) -> bool:
    return False


def _lower(was: object, now: object) -> bool:
    return isinstance(was, int) and isinstance(now, int) and now < was


def _higher(was: object, now: object) -> bool:
    """Say whether a limit was raised or lifted."""
    return isinstance(was, int) and (now is None or (isinstance(now, int) and now > was))


def _narrower(was: object, now: object) -> bool:
    """Say whether a condition lets go of something: None means any."""
    if was is None or now is None:
        return was is None
    return isinstance(was, AbstractSet) and isinstance(now, AbstractSet) and not was <= now


def _later_in(*order: Enum) -> Callable[[object, object], bool]:
    """Give the comparison for a scale that reads from the strong to the weak."""
    return lambda was, now: was in order and now in order and order.index(now) > order.index(was)


_WEAKER: Mapping[str, Callable[[object, object], bool]] = {
    "verdict": _lower,
    "mode": _later_in(Mode.ENFORCE, Mode.WARN, Mode.MONITOR),
    "on_failure": _later_in(FailureMode.CLOSED, FailureMode.WARN, FailureMode.OPEN),
    "minutes": _higher,
    "uses": _higher,
    "strength": _higher,
    "of_clinic_account": _higher,
    "starts": lambda was, now: now is not None and (was is None or str(now) > str(was)),
    "duty": lambda was, now: isinstance(was, tuple) and not set(was) <= set(now if isinstance(now, tuple) else ()),
    **dict.fromkeys(("actions", "sites", "subjects", "accounts", "clinicians"), _narrower),
}
"""What makes a rule weaker, by the last word of the place."""


def _say_or_none(value: object) -> str | None:
    return None if value is None else _say(value)


def _say(value: object) -> str:
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, AbstractSet):
        return ", ".join(sorted(_say(item) for item in value))
    if isinstance(value, tuple):
        return ", ".join(_say(item) for item in value)
    return f"“{value}”" if isinstance(value, str) and " " in value else str(value)

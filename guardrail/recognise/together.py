"""What one request does in all: several outcomes put into one, the most consequential first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from unicodedata import normalize

from guardrail.model.action import Action, ActionKind, Confidence, Subject

MAX_SUBJECTS = 64
"""People whom one request may be about; nobody means more at once."""
MAX_TEXT = 64 * 1024
"""Bytes, as UTF-8 and spelt out (NFKC), that an action may name people with: longer would hold up all other traffic."""

# What cannot be taken back by closing a page stands first.
_ORDER = {
    kind: at
    for at, kind in enumerate(
        (
            ActionKind.REVIEW_SOLICIT,
            ActionKind.REVIEW_REPLY,
            ActionKind.CONNECT_REQUEST,
            ActionKind.CONNECT_ACCEPT,
            ActionKind.FOLLOW,
            ActionKind.MESSAGE,
            ActionKind.COMMENT,
            ActionKind.REACT,
            ActionKind.VIEW_FOLLOWERS,
            ActionKind.VIEW_PROFILE,
            ActionKind.SEARCH,
            ActionKind.SUGGEST,
        )
    )
}
_NOBODY = Subject()


@dataclass(frozen=True, slots=True)
class Unread:
    """Candidates that need a body which is there and cannot be read; the rules' failure modes decide.

    `recognisers` and `kinds` name what the request may have been; `seen` is what could be read of it all
    the same, each to be judged too.
    """

    site: str
    recognisers: tuple[str, ...]
    kinds: tuple[ActionKind, ...]
    seen: tuple[Action, ...] = ()


type Outcome = Action | Unread | None


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """Give one outcome for all that a request does: what another says too is left out.

    Actions of one kind become one with `others`, those of another kind stand `along`. What could not be read
    is not outweighed by what could: the result is Unread then, with the action under `seen`.
    """
    found = [one for one in outcomes if one is not None]
    if len(found) < 2:  # noqa: PLR2004  one outcome is the whole, and bounded already
        return found[0] if found else None
    found = list(dict.fromkeys(found))
    unread = [one for one in found if isinstance(one, Unread)]
    actions = [one for one in found if isinstance(one, Action)]
    actions += [action for one in unread for action in one.seen]
    action = bounded(_merged(actions)) if actions else None
    if isinstance(action, Unread):
        unread.append(action)
        action = None
    if not unread:
        return action
    return Unread(
        unread[0].site,
        tuple(dict.fromkeys(name for one in unread for name in one.recognisers)),
        tuple(dict.fromkeys(kind for one in unread for kind in one.kinds)),
        (action,) if action else unread[-1].seen,
    )


def bounded(outcome: Action | Unread) -> Action | Unread:
    """Give the outcome, or Unread where it names more people, or longer, than can be judged at once."""
    if isinstance(outcome, Unread) or not (outcome.others or outcome.along or outcome.subject.query):
        return outcome
    actions = (outcome, *outcome.along)
    subjects = [one for action in actions for one in (action.subject, *action.others)]
    if sum(map(_size, subjects)) > MAX_TEXT:
        return _unread(actions)
    if len(subjects) > MAX_SUBJECTS:
        return replace(_unread(actions), seen=(replace(outcome, others=outcome.others[: MAX_SUBJECTS - 1], along=()),))
    return outcome


def _merged(actions: list[Action]) -> Action:
    """Put actions of one kind and site into one, and the lesser kinds along with the first."""
    flat = [one for action in actions for one in (replace(action, along=()), *action.along)]
    # of equally consequential ones the surer: what is sure must not be judged as softly as what is not
    flat.sort(key=lambda one: (_ORDER[one.kind], one.confidence is not Confidence.HIGH))
    kinds: dict[tuple[ActionKind, str], Action] = {}
    for one in flat:
        first = kinds.setdefault((one.kind, one.site), one)
        if first is not one:
            named = dict.fromkeys((*first.others, one.subject, *one.others))
            others = tuple(subject for subject in named if subject not in (first.subject, _NOBODY))
            kinds[one.kind, one.site] = replace(first, others=others)
    first, *rest = kinds.values()
    return replace(first, along=tuple(rest))


def _unread(actions: tuple[Action, ...]) -> Unread:
    names, kinds = (one.recogniser for one in actions), (one.kind for one in actions)
    return Unread(actions[0].site, tuple(dict.fromkeys(names)), tuple(dict.fromkeys(kinds)))


def _size(one: Subject) -> int:
    texts = [text for text in (one.query, one.id, one.alt_id, one.handle, one.name) if text]
    size = sum(map(len, texts))
    if size > MAX_TEXT or all(map(str.isascii, texts)):
        return size
    # one character may stand for eighteen
    return sum(len(normalize("NFKC", text).encode("utf-8", "surrogatepass")) for text in texts)

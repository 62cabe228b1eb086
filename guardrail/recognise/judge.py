"""From candidates to an outcome: every operation of a request is judged, and what it asks for in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from guardrail.model.action import Action, ActionKind
from guardrail.model.http import HttpRequest
from guardrail.recognise.extract.urltext import split_url
from guardrail.recognise.hosts import covers
from guardrail.recognise.junction import Candidate
from guardrail.recognise.pipeline import first_of
from guardrail.recognise.recogniser import Own, Recogniser, Route, about_others
from guardrail.recognise.steps import text_of
from guardrail.recognise.together import MAX_SUBJECTS, Outcome, Unread, together
from guardrail.recognise.view import View

type Recognise = Callable[[HttpRequest, int], Outcome]

_OF_THE_BODY = frozenset({b"content-type", b"content-length", b"content-encoding", b"x-http-method-override"})


def judge(view: View, candidates: Sequence[Candidate], again: Recognise, routes: int) -> Outcome:
    """Judge candidates in their order; of each operation the first that is an action (or one's own) decides.

    `again` recognises the requests inside this one, at most `routes` deep.
    """
    if not candidates:
        return None
    counts = _counts(view, candidates)
    batch = sum(counts.values()) > 1
    found: list[Outcome] = []
    unread: list[Recogniser] = []
    settled: set[tuple[str | None, int | None]] = set()
    for candidate in candidates:
        recogniser, operation = candidate[2], candidate[4]
        if recogniser.operation is not None and operation is None:
            unread.append(recogniser)
            continue
        for instance in range(counts.get(operation or "", 1)) if batch else (None,):
            key = (operation, instance) if batch else (None, None)
            if key not in settled:
                view.instance = instance
                if _settles(view, candidate, (found, unread), again, routes):
                    settled.add(key)
        if settled and not batch:
            break
    if unread:
        kinds = tuple(dict.fromkeys(kind for one in unread for kind in one.kinds))
        found.append(Unread(unread[0].site, tuple(dict.fromkeys(one.id for one in unread)), kinds))
    return together(found)


def _counts(view: View, candidates: Sequence[Candidate]) -> dict[str, int]:
    """Give how often each operation that candidates accepted stands in the request."""
    counts = {name: 1 for *_, name in candidates if name is not None}
    if counts and len(view.operations()) > 1:
        return {name: view.count(name) for name in counts}
    return counts


def _settles(
    view: View, candidate: Candidate, out: tuple[list[Outcome], list[Recogniser]], again: Recognise, routes: int
) -> bool:
    """Judge one candidate, add what comes of it to `out`, and say whether its operation is settled by it."""
    _, _, recogniser, captures, operation = candidate
    found, unread = out
    judged = recogniser.judge(view, captures, operation)
    if judged is None:
        return False
    if judged == "unread":
        unread.append(recogniser)
        return False
    if isinstance(judged, Route):
        found.append(together(_follow(view, recogniser, judged, again, routes)))
    elif not isinstance(judged, Own):
        found.append(judged)
    return True


def _follow(view: View, recogniser: Recogniser, route: Route, again: Recognise, routes: int) -> Iterator[Outcome]:
    """Recognise what a request asks for by itself (single-page navigation, a batch), with its actor."""
    if not routes:
        return
    view.unread = False
    actor = first_of(recogniser.actor, view)
    for asked in route.asked[:MAX_SUBJECTS]:
        inner = _inner(view.request, recogniser, asked)
        outcome = None if inner is None else again(inner, routes - 1)
        yield _by(actor, outcome) if isinstance(outcome, Action) else outcome
    if len(route.asked) > MAX_SUBJECTS:
        yield Unread(recogniser.site, (recogniser.id,), recogniser.kinds)


def _inner(outer: HttpRequest, recogniser: Recogniser, asked: object) -> HttpRequest | None:
    """Give the request that is asked for: an address as a GET, or an object of the Graph API's batch."""
    method, body = "GET", ""
    if isinstance(asked, dict):
        method, body = str(asked.get("method", "GET")).upper(), str(asked.get("body", ""))
        asked = "/" + str(asked.get("relative_url", "")).lstrip("/")
    address = text_of(asked)
    if address is None:
        return None
    host, path, query = split_url(address)
    if host and not any(covers(pattern, host) for pattern in recogniser.hosts):
        return None
    headers = tuple(one for one in outer.headers if one[0].lower() not in _OF_THE_BODY)
    inner = HttpRequest(method, outer.scheme, host or outer.host, outer.port, path, query, headers)
    return replace(inner, body=body.encode("utf-8", "replace")) if body else inner


def _by(actor: str | None, action: Action) -> Action | None:
    """Give the action as this actor's, who is not looked at by themself: the inner request did not know them."""
    if actor is None:
        return action
    known = replace(action, actor_id=actor)
    return about_others(known) if action.kind is ActionKind.VIEW_PROFILE else known

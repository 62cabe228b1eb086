"""What must hold of every request and answer, whatever bytes it is made of; a breach is an AssertionError."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from guardrail.model.action import Action, Identity, Subject
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise.identities import Identities
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.lines import UnreadableSampleError, read_samples
from guardrail.recognise.silence import FORMATS, empty_answer
from guardrail.recognise.tally import MAX_NAMES, Tally
from guardrail.recognise.together import MAX_SUBJECTS, Outcome, Unread
from tests.recognise.fuzz import samples

LIMIT = 200
"""Keys of the identities that are remembered: few, so that the bound is met."""
_MAX_FIELD = 300
_MAX_NAME = 80
_PIECE = 512


class Checks:
    """Everything that is kept between two samples, and the checks on it."""

    def __init__(self, index: SiteIndex) -> None:
        """Check `index`."""
        self.index = index
        self.identities = Identities(LIMIT, index.page)
        self.tally = Tally()
        self._near: dict[tuple[str, ...], SiteIndex] = {}

    def __call__(self, data: bytes) -> float:
        """Check one sample; give the seconds of CPU that recognising it, or learning from it, took."""
        if data[:1] in (b"{", b"["):
            self._check_recording(data)
            return 0.0
        request, answer = samples.blown_up(data, *samples.read(data))
        if answer is not None:
            return self._check_answer(request, answer)
        return self._check_request(request)

    def _check_request(self, request: HttpRequest) -> float:
        start = time.thread_time()
        found = self.index.recognise(request)
        self.tally.saw(self.index, request, found)
        taken = time.thread_time() - start
        self._agree(request, found)
        for action in _actions(found):
            subjects = (action.subject, *action.others)
            assert len(subjects) <= MAX_SUBJECTS, "more subjects than the bound"
            for subject in subjects:
                _are_texts((subject.query, subject.id, subject.alt_id, subject.handle, subject.name, action.actor_id))
                known = self.identities.resolve(action.site, subject, request.header("referer"))
                assert isinstance(known, Subject)
            if action.silence is not None:
                assert action.silence in FORMATS
                empty_answer(action.silence, action.subject.query or "")
        for tally in self.tally.sites.values():
            assert len(tally.missed) <= MAX_NAMES + 1, "more names than the bound"
            assert all(len(name) <= _MAX_NAME for name in tally.missed), "a name longer than the bound"
        return taken

    def _check_answer(self, request: HttpRequest, answer: HttpResponse) -> float:
        start = time.thread_time()
        learned = self.index.learn(request, answer)
        taken = time.thread_time() - start
        teaches = self.index.learns_from(request, answer.header("content-type") or "")
        assert teaches or not learned, "an answer taught that is said not to"
        self._check_learned(learned)
        for piece in _pieces(answer):  # each is read by itself, between other work
            start = time.thread_time()
            people = self.index.learn_piece(request, piece)
            taken = max(taken, time.thread_time() - start)
            self._check_learned(people)
        return taken

    def _check_learned(self, learned: tuple[Identity, ...]) -> None:
        for one in learned:
            assert sum(map(bool, (one.id, one.handle, one.name, one.aliases))) > 1, "an identity of one thing"
            _are_texts((one.id, one.handle, one.name, *one.aliases))
            assert all(len(text) <= _MAX_FIELD for text in (one.id, one.handle, one.name, *one.aliases) if text)
        self.identities.learn(learned)
        assert len(self.identities) <= LIMIT, "more identities than the bound"

    def _check_recording(self, data: bytes) -> None:
        try:
            for sample in read_samples(data):
                self.index.recognise(sample.request)
        except UnreadableSampleError:
            return  # the one error that a recording may raise

    def _agree(self, request: HttpRequest, found: Outcome) -> None:
        """Hold the index against the oracle: of the sites around this host, and of all where that one differs."""
        if self._near_oracle(request.host).scan_all(request) != found:
            assert self.index.scan_all(request) == found, "the index and the oracle disagree"

    def _near_oracle(self, host: str) -> SiteIndex:
        named = self.index.sites_on(host)
        near = self._near.get(named)
        if near is None:
            near = self._near[named] = SiteIndex(site for site in self.index.sites if site.id in named)
        return near


def _actions(found: Outcome) -> Iterator[Action]:
    for action in found.seen if isinstance(found, Unread) else (found,):
        if action is not None:
            yield action
            yield from action.along


def _are_texts(values: Iterable[str | None]) -> None:
    for value in values:
        assert value is None or (value and value.encode("utf-8")), "an empty text"


def _pieces(answer: HttpResponse) -> Iterator[HttpResponse]:
    """Cut an answer as the proxy does, only finer."""
    size = max(_PIECE, len(answer.body) // 8)
    for at in range(0, len(answer.body), size):
        yield HttpResponse(answer.status, answer.headers, answer.body[max(0, at - _PIECE // 4) : at + size])

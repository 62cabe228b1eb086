"""What people do all day on the watched sites is no action; and what is one, about nobody's client, is never held."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from guardrail.gate import Gate, Pass
from guardrail.holds.desk import Desk
from guardrail.model.action import Action, ActionKind
from guardrail.model.people import Clinician
from guardrail.policy.load import load_policy
from guardrail.recognise import Identities, SiteIndex
from guardrail.recognise.lines import read_samples
from guardrail.roster import load_roster
from tests.ledger_keys import opened
from tests.recognise.ordinary_day import day, har
from tests.recognise.ordinary_errands import ROSTER, errands
from tests.recognise.ordinary_traffic import Fetch

ROOT = Path(__file__).parents[2]
WREN = Clinician("dr-wren", "os-user")


class Parts:
    """A clock that stands still, and new ids."""

    def now(self) -> datetime:
        """Give nine on a Monday."""
        return datetime(2026, 11, 2, 9, tzinfo=UTC)

    def new(self) -> str:
        """Give 128 random bits."""
        return secrets.token_urlsafe(16)


@pytest.fixture(scope="module")
def today(index: SiteIndex) -> list[Fetch]:
    """Give the requests of a day."""
    return day(index)


@pytest.fixture(scope="module")
def recording(today: list[Fetch], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the recording of that day."""
    file = tmp_path_factory.mktemp("day") / "day.har"
    file.write_bytes(orjson.dumps(har(today)))
    return file


@pytest.fixture
def finish() -> Iterator[ExitStack]:
    """Close at the end what a test has opened."""
    with ExitStack() as stack:
        yield stack


def test_a_day_is_long_and_is_let_through(recording: Path, index: SiteIndex) -> None:
    """At least 5,000 requests, on every site; none is an action, and none is stopped because it cannot be read."""
    visited: Counter[str] = Counter()
    for one in read_samples(recording.read_bytes()):
        visited.update(index.sites_on(one.request.host))
        assert index.recognise(one.request) is None, one.request.url
    assert visited.total() >= 5_000
    assert {site.id for site in index.sites} - visited.keys() == set()


def test_nothing_in_an_ordinary_day_is_an_action(recording: Path) -> None:
    """`guardrail recognise`, as anybody runs it on a recording, finds none."""
    command = (sys.executable, "-m", "guardrail", "recognise", "--no-summary", str(recording))
    told = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    outcomes = [orjson.loads(line) for line in told.stdout.splitlines()]
    assert len(outcomes) >= 5_000
    assert [one for one in outcomes if one["action"] is not None] == []


def test_a_seed_makes_the_same_day(today: list[Fetch], index: SiteIndex) -> None:
    """The same for the same seed, another for another."""
    assert day(index) == today
    assert day(index, seed=2) != today


async def test_searches_and_visits_that_are_about_no_client_pass(
    index: SiteIndex, tmp_path: Path, finish: ExitStack
) -> None:
    """Through recognition, the sample roster and the clinic's rules: over 1,000 are recognised, and none is held."""
    policy, roster = load_policy(ROOT / "rules.yaml"), load_roster(ROSTER, b"k" * 32)
    parts = Parts()
    ledger = opened(tmp_path / "ledger.sqlite3")
    finish.callback(ledger.close)
    desk = Desk(ledger, parts, parts, "front-desk", b"k" * 32, lambda: policy)
    gate = Gate(lambda: index, lambda: roster, lambda: policy, Identities(1_000, index.page), desk, parts, parts)
    recognised: Counter[ActionKind] = Counter()
    for one in read_samples(orjson.dumps(har(errands()))):
        found = gate.recognise(one.request)
        if isinstance(found, Action):
            recognised[found.kind] += 1
            assert isinstance(await gate.decide(one.request, found, WREN), Pass), one.request.url
    assert recognised.total() > 1_000
    assert min(recognised[kind] for kind in (ActionKind.SEARCH, ActionKind.SUGGEST, ActionKind.VIEW_PROFILE)) > 100
    assert list(ledger.read()) == []

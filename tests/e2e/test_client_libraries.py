"""Real client libraries, used as their users use them, through a running `guardrail run` behind the clinic's proxy.

What the policy forbids never reaches its site and stands on the ledger; all else comes back as the site gave it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from guardrail.model.entry import Entry, EntryKind
from tests.e2e.house import PASSWORD, House, start_house
from tests.e2e.libraries import bluesky, fediverse, instagram, linkedin, reddit, search, twitter
from tests.e2e.libraries.call import ROSTER, Call, Library, Way
from tests.e2e.upstream import Arrival, Upstream

LIBRARIES = tuple(module.LIBRARY for module in (twitter, linkedin, instagram, search, reddit, fediverse, bluesky))


type Row = tuple[Library, Call]


def _rows(fits: Callable[[Call], bool]) -> list[Row]:
    return [(library, call) for library in LIBRARIES for call in library.calls if fits(call)]


def _names(rows: list[Row]) -> list[str]:
    return [f"{library.name}: {call.id}" for library, call in rows]


FORBIDDEN = _rows(lambda call: call.held is not None)
SILENCED = _rows(lambda call: call.silenced)
HARMLESS = _rows(lambda call: call.held is None and not call.silenced)


@dataclass(frozen=True, slots=True)
class Place:
    """A running guardrail, and everything beyond it."""

    house: House
    upstream: Upstream

    def entries(self, clinician: str) -> list[Entry]:
        """Give what the ledger says of a clinician."""
        return [one.entry for one in self.house.entries(clinician)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Run the sites, and a guardrail that reaches them through the clinic's own proxy and checks their certificates."""
    folder = tmp_path_factory.mktemp("libraries")
    (folder / "clients.csv").write_text(ROSTER)
    answers = [answer for library in LIBRARIES for answer in library.answers]
    with Upstream(folder, answers) as upstream, pytest.MonkeyPatch.context() as environment:
        environment.setenv("GUARDRAIL_PRACTICE", "false")
        environment.setenv("GUARDRAIL_UPSTREAM_CA", str(upstream.ca))
        program = (sys.executable, "-m", "guardrail", "run")
        house = start_house(folder, *program, "--upstream", upstream.url, "--roster", str(folder / "clients.csv"))
        yield Place(house, upstream)
        house.stop()
        assert "ollander" not in (folder / "log").read_text().lower()


@pytest.fixture
def clinician(place: Place, monkeypatch: pytest.MonkeyPatch) -> str:
    """Log somebody new in at the proxy, the way that libraries are told: by the environment."""
    name = place.house.new_clinician()
    for variable in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, _way(place, name).proxy)
        monkeypatch.delenv(variable.lower(), raising=False)
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, str(place.house.ca))
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    return name


@pytest.mark.parametrize(("library", "call"), FORBIDDEN, ids=_names(FORBIDDEN))
def test_a_forbidden_call_is_stopped(place: Place, clinician: str, library: Library, call: Call) -> None:
    """The library is refused, the site sees nothing of it, and a hold about this client stands on the ledger."""
    place.house.acknowledge(clinician)
    outcome, seen = _outcome(place, clinician, library, call)
    assert not seen
    assert isinstance(outcome, call.told) if isinstance(call.told, type) else outcome == call.told, outcome
    noticed, entry = place.entries(clinician)
    assert noticed.kind is EntryKind.NOTICE_ACKNOWLEDGED
    assert (entry.kind, entry.action, entry.client_ref) == (EntryKind.HOLD_OPENED, call.held, call.client)


@pytest.mark.parametrize(("library", "call"), SILENCED, ids=_names(SILENCED))
def test_a_suggestion_is_silenced(place: Place, clinician: str, library: Library, call: Call) -> None:
    """What asks while somebody types gets an empty answer that the library understands; the site sees nothing."""
    outcome, seen = _outcome(place, clinician, library, call)
    assert not seen
    assert outcome == call.gives


@pytest.mark.parametrize(("library", "call"), HARMLESS, ids=_names(HARMLESS))
def test_a_harmless_call_passes(place: Place, clinician: str, library: Library, call: Call) -> None:
    """The library gets what the site gave, and nothing is written about it."""
    outcome, seen = _outcome(place, clinician, library, call)
    assert outcome == call.gives
    assert seen
    assert place.entries(clinician) == []


def _outcome(place: Place, clinician: str, library: Library, call: Call) -> tuple[object, list[Arrival]]:
    """Make the call; give what it gave or raised, and what arrived of it."""
    client = library.make(_way(place, clinician))
    if call.first is not None:
        call.first(client)
    before = len(place.upstream.arrivals)
    try:
        outcome = call.do(client)
    except Exception as error:  # noqa: BLE001 - which kind it must be is the table's matter
        outcome = error
    finally:
        library.close(client)
    return outcome, [one for one in place.upstream.arrivals[before:] if call.at in one.text()]


def _way(place: Place, clinician: str) -> Way:
    return Way(place.house.proxy.replace("://", f"://{clinician}:{PASSWORD}@"), place.house.ca, place.house.folder)

"""Sites and client lists that change while guardrail runs: in force without a restart, whole or not at all."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from guardrail.errors import LedgerUnavailableError, RosterError
from guardrail.model.entry import EntryKind, Json
from guardrail.proxy import authority
from guardrail.recognise import SiteIndex
from guardrail.reload import Live
from guardrail.roster import Making
from guardrail.roster.exceptions import EXCEPTIONS_FOLDER, Excepted, Exceptions
from guardrail.roster.exports import Reading, read_export
from guardrail.roster.importing import Terms, import_export
from guardrail.roster.versions import Versions
from guardrail.settings import ROSTER_FOLDER, SITES_FOLDER, Settings, site_folders

ROOT = Path(__file__).parents[1]
SITE = """\
site: {site}
name: Own
hosts: [{host}]
recognisers:
  - id: find
    action: search
    when: {{ path: /our-own-search }}
    take: {{ query: query q }}
    examples: {{ match: ["/our-own-search?q=x"], ignore: [/our-own-search] }}
"""


@pytest.fixture
def live(tmp_path: Path) -> Live:
    """Give a house's parts, with an authority that covers our sites and no others."""
    settings = Settings(rules=tmp_path / "rules.yaml", data_dir=tmp_path / "data")
    shutil.copy(ROOT / "rules.yaml", settings.rules)
    settings.data_dir.mkdir()

    def admit(sites: SiteIndex) -> bytes:
        return authority.ensure(tmp_path / "ca", sites.domains)

    return Live(settings, b"k" * 32, admit)


def write(live: Live, site: str, host: str) -> Path:
    """Put a site file into the clinic's folder."""
    folder = live.settings.data_dir / SITES_FOLDER
    folder.mkdir(exist_ok=True)
    file = folder / f"{site}.yaml"
    file.write_text(SITE.format(site=site, host=host), encoding="utf-8")
    return file


def test_a_file_in_the_data_folder_is_in_force_at_once(live: Live) -> None:
    """The folder may come later than the start; a changed file is read again, a file that is gone is gone."""
    assert site_folders(live.settings) == ()
    file = write(live, "own", "own.google.com")
    live.reload(lambda *_: None)
    assert live.sites().watches("own.google.com")
    file.write_text(file.read_text(encoding="utf-8").replace("own.google.com", "other.google.com"), encoding="utf-8")
    live.reload(lambda *_: None)
    assert live.sites().sites_on("other.google.com") == ("own",)
    assert live.settings.data_dir / SITES_FOLDER in live.folders()
    file.unlink()
    live.reload(lambda *_: None)
    assert "own" not in live.sites().sites_on("other.google.com")


@pytest.mark.parametrize(
    ("host", "breaks", "says"),
    [
        ("www.a-new-domain.com", "", "guardrail init --renew-ca"),
        ("own.google.com", "recognisers: 3", "own.yaml"),
    ],
)
def test_what_cannot_be_used_changes_nothing(live: Live, host: str, breaks: str, says: str) -> None:
    """A domain that the authority does not cover, and a broken file: the old sites stay, and the log says why."""
    before = live.sites()
    file = write(live, "own", host)
    if breaks:
        file.write_text(breaks, encoding="utf-8")
    with capture_logs() as lines:
        live.reload(lambda *_: None)
    assert live.sites() is before
    problems = [line["problem"] for line in lines]
    assert len(problems) == 1
    assert says in problems[0]


def test_an_imported_list_is_in_force_without_a_restart(live: Live) -> None:
    """The ledger says which version, how many, and nobody's name. What is refused changes nothing."""
    versions = Versions(live.settings.data_dir / ROSTER_FOLDER, b"k" * 32)
    file = live.settings.data_dir.parent / "clients.csv"
    file.write_text("client_ref,given_name,family_name\nC-1,Ada,Quill\n", encoding="utf-8")
    import_export(versions, file, read_export(file, versions.key, Reading()), Terms(datetime.now(UTC), Making()))
    told: list[tuple[EntryKind, dict[str, Json]]] = []
    live.reload(lambda kind, details: told.append((kind, details)))
    assert live.roster().match_text("ada quill")
    revision = live.roster().revision
    known: dict[str, Json] = {"clients": 1, "rejected_rows": 0, "roster_revision": revision, "roster_version": 1}
    assert told == [(EntryKind.ROSTER_LOADED, known)]
    assert versions.folder in live.folders()
    versions.pointer.unlink()
    with capture_logs() as lines:
        live.reload(lambda kind, details: told.append((kind, details)))
    assert [(line["event"], line["now"]) for line in lines] == [("roster refused", "the old one stays")]
    assert told[1:] == [(EntryKind.FAILURE, {"where": "roster reload"})]
    assert live.roster().match_text("ada quill")


def test_what_the_ledger_does_not_take_now_is_written_later(live: Live) -> None:
    """In order, as soon as it takes entries again; the log says once that it does not."""
    told: list[EntryKind] = []
    is_away = True

    def write(kind: EntryKind, _: dict[str, Json]) -> None:
        if is_away:
            raise LedgerUnavailableError("the ledger takes no entry now")
        told.append(kind)

    rules = live.settings.rules
    rules.write_text(rules.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with capture_logs() as lines:
        live.reload(write)
        live.reload(write)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == [
        "not on the ledger yet, tried again within seconds"
    ]
    is_away = False
    live.reload(write)
    live.reload(write)
    assert told == [EntryKind.POLICY_LOADED]


def test_a_list_that_was_mended_in_its_place_is_in_force_again(live: Live) -> None:
    """As by who brings the folder back from a copy: what names the version is the same file as before."""
    versions = Versions(live.settings.data_dir / ROSTER_FOLDER, b"k" * 32)
    file = live.settings.data_dir.parent / "clients.csv"
    file.write_text("client_ref,given_name,family_name\nC-1,Ada,Quill\n", encoding="utf-8")
    import_export(versions, file, read_export(file, versions.key, Reading()), Terms(datetime.now(UTC), Making()))
    live.reload(lambda *_: None)
    index = versions.index_file(1)
    before, whole = index.stat(), index.read_bytes()
    told: list[EntryKind] = []
    index.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    for _ in range(2):
        live.reload(lambda kind, _: told.append(kind))
    with pytest.raises(RosterError, match="changed on disk"):
        live.roster()
    index.write_bytes(whole)
    os.utime(index, ns=(before.st_atime_ns, before.st_mtime_ns))
    live.reload(lambda kind, _: told.append(kind))
    assert live.roster().match_text("ada quill")
    assert told == [EntryKind.FAILURE, EntryKind.ROSTER_LOADED]


def test_an_exception_is_in_force_without_a_restart(live: Live) -> None:
    """Set, damaged, taken back: each time at once; the ledger says which are in force, and of a damaged one that."""
    kept = Exceptions(live.settings.data_dir / ROSTER_FOLDER / EXCEPTIONS_FOLDER, b"k" * 32)
    told: list[tuple[EntryKind, dict[str, Json]]] = []
    now = datetime.now(UTC)
    one = Excepted("a" * 32, ("C-1",), "admin", now, now + timedelta(days=9), "a street")
    kept.put(one)
    live.reload(lambda kind, details: told.append((kind, details)))
    assert live.excepted() == {one.token: one.until}
    assert [(kind, details["exceptions"]) for kind, details in told] == [(EntryKind.ROSTER_LOADED, [one.token])]
    assert kept.folder in live.folders()
    other = replace(one, token="b" * 32)
    kept.put(other)
    (kept.folder / f"{one.token}.exception").write_bytes(b"damaged")
    with capture_logs() as lines:
        live.reload(lambda kind, details: told.append((kind, details)))
    assert live.excepted() == {other.token: other.until}
    assert "--remove aaaaaaaa" in lines[0]["problem"]
    assert told[-1] == (EntryKind.FAILURE, {"where": "exceptions"})
    for token in (one.token, other.token):
        kept.take_back(token)
    live.reload(lambda kind, details: told.append((kind, details)))
    assert live.excepted() == {}
    assert [(kind, details.get("exceptions")) for kind, details in told[3:]] == [(EntryKind.ROSTER_LOADED, None)]
    before = len(told)
    live.reload(lambda kind, details: told.append((kind, details)))
    assert len(told) == before


def test_a_start_says_what_is_excepted_and_what_is_not_in_force(live: Live) -> None:
    """A damaged exception stops no start: its words are held, and the log and the ledger say so."""
    kept = Exceptions(live.settings.data_dir / ROSTER_FOLDER / EXCEPTIONS_FOLDER, b"k" * 32)
    now = datetime.now(UTC)
    kept.put(Excepted("a" * 32, ("C-1",), "admin", now, now + timedelta(days=9), "a street"))
    (kept.folder / f"{'b' * 32}.exception").write_bytes(b"damaged")
    told: list[tuple[EntryKind, dict[str, Json]]] = []
    with capture_logs() as lines:
        Live(live.settings, b"k" * 32, live.admit).begin(lambda kind, details: told.append((kind, details)))
    assert [line["event"] for line in lines] == ["exception refused, what it excepts is held"]
    assert [(kind, details.get("exceptions")) for kind, details in told] == [
        (EntryKind.ROSTER_LOADED, ["a" * 32]),
        (EntryKind.FAILURE, None),
    ]


def test_a_change_that_breaks_in_an_unforeseen_way_is_tried_again(live: Live) -> None:
    """Whatever goes wrong while it is read: the next look still sees the change."""
    text = live.settings.rules.read_text(encoding="utf-8")
    live.settings.rules.write_text(text + "\n# changed\n", encoding="utf-8")

    def breaks(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    with pytest.raises(RuntimeError, match="nobody"):
        live.reload(breaks)
    told: list[EntryKind] = []
    live.reload(lambda kind, _: told.append(kind))
    assert told == [EntryKind.POLICY_LOADED]

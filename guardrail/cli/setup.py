"""`guardrail init` and `guardrail doctor`: what IT does on a Friday, and how it knows that all is well."""

from __future__ import annotations

import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from guardrail import heart
from guardrail.canary import read_tally
from guardrail.cli.run import check_policy
from guardrail.cli.terminal import ExitCode, out, print_json
from guardrail.durable import make_file
from guardrail.errors import GuardrailError, LedgerUnavailableError, PolicyError, Problem, RosterError
from guardrail.keystore import KEY_BYTES, read_key, read_or_create_key
from guardrail.ledger.keys import SUPERVISOR_FILE, VERIFIER_FILE, ledger_keys, read_recipients, read_verifiers
from guardrail.ledger.note import Note
from guardrail.ledger.place import Tree
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.spool import lag, lost_since
from guardrail.ledger.verify import verify
from guardrail.policy.load import load_policy
from guardrail.practice.browser import find_browser
from guardrail.proxy import authority
from guardrail.recognise.load import load_sites
from guardrail.roster.exceptions import EXCEPTIONS_FOLDER, Exceptions
from guardrail.roster.load import load_roster
from guardrail.roster.source import refuse_lost
from guardrail.roster.versions import Versions
from guardrail.settings import (
    CA_FOLDER,
    LEDGER_FILE,
    ROSTER_FOLDER,
    ROSTER_KEY,
    Settings,
    read_settings,
    site_folders,
)
from guardrail.tenancy import is_held
from guardrail.tending import AGAIN_SECONDS
from guardrail.witness.sender import KEYS_FILE, behind, read_witnesses

LATELY = timedelta(seconds=2 * AGAIN_SECONDS)
"""A task that failed within this time may still be failing: it is told of again more often."""

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")]
DataDir = Annotated[Path | None, typer.Option(help="Where the ledger, the CA and the keys live.")]
Rules = Annotated[Path | None, typer.Option(help="The clinic's policy.")]
Roster = Annotated[Path | None, typer.Option(help="The client list as CSV.")]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check of the doctor found."""

    check: str
    good: bool
    says: str


def init(
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    rules: Rules = None,
    *,
    renew_ca: Annotated[bool, typer.Option("--renew-ca", help="Make a new certificate authority.")] = False,
) -> None:
    """Make the data folder with its keys and its certificate authority, and a policy; what is there stays."""
    read = read_settings(settings, {"data_dir": data_dir, "rules": rules})
    domains = load_sites(site_folders(read)).domains
    folder = read.data_dir / CA_FOLDER
    read_or_create_key(read.data_dir, ROSTER_KEY, read.key_store)
    ledger_keys(read.data_dir, read.key_store)
    (authority.renew if renew_ca else authority.ensure)(folder, domains)
    out.print(f"the data folder is ready: {read.data_dir}", markup=False)
    out.print(f"let the browsers trust this certificate: {authority.certificate_file(folder)}", markup=False)
    if _make_policy(read.rules):
        out.print(f"a policy to begin with: {read.rules}; make it the clinic's, docs/policy.md says how", markup=False)


def _make_policy(file: Path) -> bool:
    """Write the policy that guardrail comes with, where there is none; say whether that was so. Raise PolicyError."""
    if file.exists():
        return False
    try:
        return make_file(file, (files("guardrail.policy") / "rules.yaml").read_bytes(), 0o644)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise PolicyError((Problem(file, None, None, f"cannot write the policy: {reason}"),)) from None


def doctor(
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    rules: Rules = None,
    roster: Roster = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a check.")] = False,
) -> None:
    """Check everything that guardrail needs here; exit 1 where something is wrong, and say what to do."""
    read = read_settings(settings, {"data_dir": data_dir, "rules": rules, "roster": roster})
    is_well = True
    for finding in findings(read):
        is_well = is_well and finding.good
        if as_json:
            print_json({"check": finding.check, "good": finding.good, "says": finding.says})
        else:
            out.print(f"{'good ' if finding.good else 'WRONG'}  {finding.check}: {finding.says}", markup=False)
    if not is_well:
        raise typer.Exit(ExitCode.FOUND)


def findings(settings: Settings) -> Iterator[Finding]:
    """Run every check and give what it found; a check that fails is a finding, never an error."""
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("policy", _policy),
        ("sites", _sites),
        ("recognition", _recognition),
        ("roster", _roster),
        ("exceptions", _exceptions),
        ("certificate authority", _authority),
        ("ledger", _ledger),
        ("guardrail's own tasks", _tasks),
        ("ledger's database", _database),
        ("witnesses", _witnesses),
        ("who may read", _readers),
        ("proxy port", lambda one: _port(one.listen_host, one.listen_port)),
        ("pages port", lambda one: _port("127.0.0.1", one.pages_port)),
        ("browser", _browser),
    )
    for name, check in checks:
        try:
            yield Finding(name, good=True, says=check(settings))
        except GuardrailError as error:
            yield Finding(name, good=False, says=str(error))


def _policy(settings: Settings) -> str:
    check_policy(settings)
    policy = load_policy(settings.rules)
    return f"{len(policy.rules)} rules, revision {policy.revision[:12]}"


def _sites(settings: Settings) -> str:
    index = load_sites(site_folders(settings))
    return f"{len(index.domains)} watched domains"


def _recognition(settings: Settings) -> str:
    tally = read_tally(settings.data_dir)
    if not tally.sites:
        return "nothing was counted here yet"
    warnings = [f"{site}: {says}" for site, says in tally.warnings()]
    if warnings:
        raise GuardrailError(f"{'; '.join(warnings)}: look at `guardrail sites coverage` and ask for newer site files")
    hits = sum(sum(one.hits.values()) for one in tally.sites.values())
    return f"{hits} actions on {len(tally.sites)} sites, and no recogniser went silent"


def _roster(settings: Settings) -> str:
    key = _key(settings)
    if settings.roster is None:
        loaded = Versions(settings.data_dir / ROSTER_FOLDER, key).load()
        if loaded is None:
            refuse_lost(settings.data_dir)
            return "none is set, and none was taken in: no client is known by name"
        return f"{len(loaded.roster)} people, client list {loaded.number} of {loaded.facts.at:%Y-%m-%d}"
    clients = load_roster(settings.roster, key, allow_bad_rows=settings.roster_allow_bad_rows)
    left_out = f", {len(clients.rejected)} bad rows left out" if clients.rejected else ""
    return f"{len(clients)} people{left_out}"


def _key(settings: Settings) -> bytes:
    """Give the roster's key; where there is none yet none is made, for people can be counted under any."""
    return read_key(settings.data_dir, ROSTER_KEY) or secrets.token_bytes(KEY_BYTES)


def _exceptions(settings: Settings) -> str:
    found = Exceptions(settings.data_dir / ROSTER_FOLDER / EXCEPTIONS_FOLDER, _key(settings)).read()
    if found.problems:
        raise RosterError(found.problems)
    now = datetime.now(UTC)
    count = sum(now < one.until for one in found.exceptions)
    return f"{count} in force: see `guardrail roster exceptions`" if count else "none: every client's name is held"


def _authority(settings: Settings) -> str:
    folder = settings.data_dir / CA_FOLDER
    certificate = authority.read(folder)
    authority.check(certificate, load_sites(site_folders(settings)).domains, folder)
    return f"covers every watched domain, good until {certificate.not_valid_after_utc:%Y-%m-%d}"


def _ledger(settings: Settings) -> str:
    _look(settings)
    known = settings.data_dir / KEYS_FILE
    report = verify(
        settings.data_dir / LEDGER_FILE,
        read_verifiers(settings.data_dir / VERIFIER_FILE),
        witnesses=read_verifiers(known) if known.exists() else (),
    )
    if not report.good:
        raise GuardrailError(f"{report.reason}: keep the file as it is and ask the privacy officer")
    free = shutil.disk_usage(settings.data_dir).free // 2**20
    return f"whole, {report.entries} entries; {free} MiB free"


def _look(settings: Settings) -> None:
    """Raise GuardrailError where nothing was ever recorded here."""
    places = [settings.data_dir / name for name in (LEDGER_FILE, VERIFIER_FILE)]
    if not any(place.exists() for place in places):
        raise GuardrailError(f"there is none yet in {settings.data_dir}: `guardrail init`, then `guardrail run`")


def _tasks(settings: Settings) -> str:
    if not (settings.data_dir / LEDGER_FILE).exists():
        return "guardrail has not run here yet"
    reader, now = LedgerReader(settings.data_dir / LEDGER_FILE), datetime.now(UTC)
    try:
        signs = heart.signs(reader, settings.workstation)
    finally:
        reader.close()
    if signs is None:
        return "guardrail has not run here under this workstation's name"
    failing = [f"`{name}` failed at {at:%Y-%m-%d %H:%M} UTC" for name, at in signs.failed.items() if now - at < LATELY]
    if failing:
        raise GuardrailError(f"{'; '.join(failing)}: see guardrail's log, and restart it if that goes on")
    if signs.has_ended:
        return f"guardrail ended at {signs.last:%Y-%m-%d %H:%M} UTC"
    if signs.is_silent(now) and is_held(settings.data_dir, settings.workstation):
        since = f"{signs.last:%Y-%m-%d %H:%M} UTC"
        raise GuardrailError(f"guardrail runs, and its heart has not beaten since {since}: restart guardrail")
    return f"the last heartbeat is of {signs.last:%Y-%m-%d %H:%M} UTC, and no task has failed lately"


def _database(settings: Settings) -> str:
    if settings.ledger is None:
        return "none is set: the file is all there is"
    _look(settings)
    own = LedgerReader(settings.data_dir / LEDGER_FILE)
    try:
        place = Tree(settings.ledger, Note.read(own.head()).checkpoint().origin)
        behind_by, since = lag(own, place), lost_since(own)
    except LedgerUnavailableError as error:
        since = lost_since(own)
        until = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
        raise GuardrailError(
            f"out of reach{until}, for {settings.ledger_offline_hours} hours at most: {error}"
        ) from None
    finally:
        own.close()
    return f"{place} has every entry" if not behind_by else f"{place} is {behind_by} entries behind"


def _witnesses(settings: Settings) -> str:
    witnesses = read_witnesses(settings.witnesses)
    if not witnesses:
        return "none is set: nobody else would see that the ledger was set back as a whole"
    _look(settings)
    reader, now = LedgerReader(settings.data_dir / LEDGER_FILE), datetime.now(UTC)
    try:
        late = [words for one in witnesses if (words := behind(reader, one, now)) is not None]
    finally:
        reader.close()
    if late:
        raise GuardrailError("; ".join(late))
    return f"{len(witnesses)} asked, and none has been silent for long"


def _readers(settings: Settings) -> str:
    secret = settings.data_dir / SUPERVISOR_FILE
    if secret.exists():
        raise GuardrailError(f"{secret} opens what was typed: run `guardrail keys take-away FILE` to take it off here")
    count = len(read_recipients(settings.data_dir))
    return f"what was typed is closed to {count} key{'s' if count > 1 else ''}, none of them here"


def _port(host: str, port: int) -> str:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(1)
        in_use = probe.connect_ex((host, port)) == 0
    return f"{host}:{port} " + ("answers: guardrail, or another program, runs there" if in_use else "is free")


def _browser(_: Settings) -> str:
    found = find_browser()
    return f"{found}" if found else "no Chromium or Chrome here (only `guardrail browser` needs one)"

"""`guardrail roster except` and `exceptions`: the clinic lets words pass that were often said not to mean a client."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from guardrail.cli.attested import day, last_day, shortened
from guardrail.cli.opened import opened
from guardrail.cli.recorded import record, system_user
from guardrail.cli.terminal import ExitCode, err, out, print_json, stop
from guardrail.errors import LedgerError, RosterError
from guardrail.holds.attested import OFTEN, Attested, attested, uses_of_exceptions
from guardrail.holds.words import typed_token
from guardrail.keystore import read_or_create_key
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.roster import read_clients
from guardrail.roster.exceptions import EXCEPTIONS_FOLDER, Excepted, Exceptions
from guardrail.roster.source import Clients
from guardrail.roster.versions import Versions
from guardrail.settings import LEDGER_FILE, ROSTER_FOLDER, ROSTER_KEY, Settings, read_settings

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where the roster, its key and the ledger live.")]

_LONGEST_DAYS = 366
_LONGEST_REASON = 200
_FEWEST_DIGITS = 6
_HOW_LONG = "a day from tomorrow on, a year away at the most"


def except_(
    token: Annotated[
        str | None, typer.Argument(help="The words' token, as `guardrail roster attested` shows it.")
    ] = None,
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    text: Annotated[
        bool,
        typer.Option(
            "--text",
            help="Ask for the very words instead, or read them from stdin: others can see a command's words.",
        ),
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why, in one line that names nobody; it is closed.")] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day of it, at most a year away; left out, in a year."),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the exception with this token back.")] = False,
) -> None:
    """Let words pass that were often said not to mean a client: these words, for these clients, for everybody here."""
    read = read_settings(settings, {"data_dir": data_dir})
    if remove:
        if token is None or text or reason or until:
            raise stop("--remove takes a token alone: see `guardrail roster exceptions`")
        _take_back(read, token)
        return
    if (token is None) != text:
        raise stop("say which words: a token of `guardrail roster attested`, or --text to be asked for them")
    why, end = _reason(reason), _end(until)
    with opened(read.data_dir) as ledger:
        often = [one for one in attested(ledger.read()) if one.is_words]
    key = _key(read)
    one = _typed(often, key) if token is None else _named(often, token)
    _check(read, key, one, why)
    _set(read, key, one, Excepted(one.token, tuple(sorted(one.clients)), system_user(), datetime.now(UTC), end, why))


def exceptions(
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the clinic's exceptions: for which clients the words were taken, who set it, until when, why, its uses."""
    read = read_settings(settings, {"data_dir": data_dir})
    key = _key(read)
    found = _kept(read, key).read()
    known, now, used = _references(read, key), datetime.now(UTC), dict[str, tuple[int, datetime]]()
    if (read.data_dir / LEDGER_FILE).is_file():
        with opened(read.data_dir) as ledger:
            used = uses_of_exceptions(ledger.read())
    short = shortened(one.token for one in found.exceptions)
    table = Table(box=None)
    for head in ("token", "taken for", "by", "since", "until", "used", "", "why"):
        table.add_column(head, overflow="fold", min_width={"token": 8, "since": 10, "until": 10}.get(head))
    for one in found.exceptions:
        times, last = used.get(one.token, (0, None))
        state = _state(one, known, now)
        if as_json:
            print_json(
                {"token": one.token, "taken_for": [*one.clients], "by": one.by, "since": one.since.isoformat()}
                | {"until": one.until.isoformat(), "reason": one.reason, "applies": state == _APPLIES, "state": state}
                | {"uses": times, "last_used": last.isoformat() if last else None}
            )
        times_and_last = f"{times}, last {day(last)}" if last else "0"
        days = (day(one.since), last_day(one.until))
        cells = (short[one.token], ", ".join(one.clients), one.by, *days, times_and_last, state, one.reason)
        table.add_row(*(Text(cell) for cell in cells))
    if found.exceptions and not as_json:
        out.print(table)
    elif not found.problems and not as_json:
        out.print("nothing is excepted: `guardrail roster attested` lists what could be")
    for problem in found.problems:
        err.print(f"guardrail: {problem}", markup=False)
    if found.problems:
        raise typer.Exit(ExitCode.FOUND)


_APPLIES = "applies"


def _state(one: Excepted, known: frozenset[str] | None, now: datetime) -> str:
    if now >= one.until:
        return "over"
    gone = [ref for ref in one.clients if known is not None and ref not in known]
    return f"rests: {', '.join(gone)} left the list" if gone else _APPLIES


def _set(read: Settings, key: bytes, one: Attested, excepted: Excepted) -> None:
    """Write it down, and only then let it count; where that fails, what was before stays, and the ledger says so."""
    kept = _kept(read, key)
    before = next((old for old in kept.read().exceptions if old.token == one.token), None)
    _record_set(read, excepted)
    try:
        kept.put(excepted)
    except RosterError:
        if before is not None:
            _record_set(read, before)
        else:
            _record(read, EntryKind.EXCEPTION_REMOVED, excepted, {})
        raise
    short = one.token[: _FEWEST_DIGITS + 2]
    until = last_day(excepted.until)
    out.print(f"excepted until {until}: words taken for {', '.join(excepted.clients) or 'nobody'}", markup=False)
    out.print(
        "nobody here is asked about them in a search, as long as they mean the same clients by name", markup=False
    )
    out.print(f"to take it back: guardrail roster except --remove {short}", markup=False)


def _take_back(read: Settings, token: str) -> None:
    key = _key(read)
    kept = _kept(read, key)
    tokens = kept.tokens()
    [whole] = _one_of(tokens, token, "no exception has this token: see `guardrail roster exceptions`")
    excepted = next((one for one in kept.read().exceptions if one.token == whole), None)
    # First the file: should this end here, what is held is more than the ledger says, and never less.
    kept.take_back(whole)
    now = datetime.now(UTC)
    try:
        _record(read, EntryKind.EXCEPTION_REMOVED, excepted or Excepted(whole, (), "", now, now, ""), {})
    except LedgerError:
        err.print("guardrail: the exception is taken back, and that could not be written to the ledger")
        raise
    out.print("the exception is taken back: the words are asked about again", markup=False)


def _record_set(read: Settings, one: Excepted) -> None:
    details: dict[str, Json] = {"until": one.until.isoformat(), "sealed": {"reason": one.reason}}
    _record(read, EntryKind.EXCEPTION_SET, one, details)


def _record(read: Settings, kind: EntryKind, about: Excepted, details: dict[str, Json]) -> None:
    first, also = next(iter(about.clients), None), list[Json](about.clients[1:])
    whole: dict[str, Json] = {"words": about.token, "by": system_user(), **details, **({"also": also} if also else {})}
    record(read, lambda at: Entry(kind, at, read.workstation, client_ref=first, details=whole), "exception")


def _check(read: Settings, key: bytes, one: Attested, reason: str) -> None:
    """Refuse what was not attested often, what means nobody any more, and a reason that names a client."""
    if one.times < OFTEN:
        raise stop(
            f"these words were attested once only: an exception is for what comes up again, {OFTEN} times or more"
        )
    known = _references(read, key)
    gone = sorted(ref for ref in one.clients if known is not None and ref not in known)
    if gone:
        raise stop(f"{', '.join(gone)} left the client list: the words do not mean the same any more, and need nothing")
    if Clients(read, key).roster().is_named_in(reason):
        raise stop("the reason names a client: say why without the name")


def _typed(often: Sequence[Attested], key: bytes) -> Attested:
    if sys.stdin.isatty():
        err.print("the words, as they were typed: ", end="")
    typed = sys.stdin.readline()
    same = [one for one in often if typed_token(typed, one.clients, key) == one.token]
    if not typed.strip() or not same:
        raise stop("nobody has attested these very words: see `guardrail roster attested`")
    return max(same, key=lambda one: one.last or datetime.min.replace(tzinfo=UTC))


def _named(often: Sequence[Attested], token: str) -> Attested:
    by_token = {one.token: one for one in often}
    [whole] = _one_of([*by_token], token, "no words with this token were attested: see `guardrail roster attested`")
    return by_token[whole]


def _one_of(known: Sequence[str], begun: str, none: str) -> list[str]:
    """Give the one token that begins so; end the command where there is none, or more than one."""
    if len(begun) < _FEWEST_DIGITS:
        raise stop(f"`{begun}` is too short: give the token as it is listed")
    found = [one for one in known if one.startswith(begun.lower())]
    if not found:
        raise stop(none)
    if len(found) > 1:
        raise stop(f"{len(found)} tokens begin with `{begun}`: give more of it")
    return found


def _reason(reason: str | None) -> str:
    said = (reason or "").strip()
    if not said:
        raise stop("an exception needs a reason: say it with --reason")
    if len(said) > _LONGEST_REASON or not said.isprintable():
        raise stop(f"the reason must be one line of at most {_LONGEST_REASON} characters")
    return said


def _end(until: datetime | None) -> datetime:
    """Give the end of the last day, by this workstation's clock."""
    today = datetime.now().astimezone().date()
    last = until.date() if until is not None else today + timedelta(days=_LONGEST_DAYS - 1)
    if not today < last < today + timedelta(days=_LONGEST_DAYS):
        raise stop(f"--until takes {_HOW_LONG}")
    return datetime.combine(last + timedelta(days=1), time.min).astimezone(UTC)


def _key(read: Settings) -> bytes:
    return read_or_create_key(read.data_dir, ROSTER_KEY, read.key_store)


def _kept(read: Settings, key: bytes) -> Exceptions:
    return Exceptions(read.data_dir / ROSTER_FOLDER / EXCEPTIONS_FOLDER, key)


def _references(read: Settings, key: bytes) -> frozenset[str] | None:
    """Give the references on the client list that counts; None where there is no list."""
    if read.roster is not None:
        people = read_clients(read.roster, key, allow_bad_rows=read.roster_allow_bad_rows).people
        return frozenset(person.client.ref for person in people)
    versions = Versions(read.data_dir / ROSTER_FOLDER, key)
    number = versions.current()
    return None if number is None else frozenset(versions.facts(number).digests)

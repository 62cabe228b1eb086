"""`guardrail roster`: take the clinic's client list in, look at what was taken in, go back, and make exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from babel.dates import format_datetime
from rich.progress import Progress, TaskID
from rich.table import Table

from guardrail.cli.late import LateGroup, Place
from guardrail.cli.terminal import err, out, print_json, stop
from guardrail.errors import RosterError
from guardrail.keystore import read_or_create_key
from guardrail.roster import Making, Variants, read_nicknames
from guardrail.roster.changes import Changes
from guardrail.roster.exports import Export, Reading, read_export
from guardrail.roster.importing import Terms, import_export
from guardrail.roster.kinds import ALL_KINDS, kind_names
from guardrail.roster.nameless import nameless
from guardrail.roster.placing import Progress as Told
from guardrail.roster.presets import PRESETS, Preset, named
from guardrail.roster.versions import Versions
from guardrail.settings import ROSTER_FOLDER, ROSTER_KEY, Settings, read_settings


class _Commands(LateGroup):
    late: ClassVar[Mapping[str, Place]] = {
        "attested": Place(
            "attested:attested_",
            "List what was often said not to be a client: how often, by how many, where, for which client it was "
            "taken.",
        ),
        "except": Place(
            "exceptions:except_",
            "Let words pass that were often said not to mean a client: these words, for these clients, for everybody "
            "here.",
        ),
        "exceptions": Place(
            "exceptions:exceptions",
            "List the clinic's exceptions: for which clients the words were taken, who set it, until when, why, its "
            "uses.",
        ),
        "forget": Place(
            "forget:forget",
            "Remove every client list that was taken in, and start without one from then on. It cannot be undone.",
        ),
    }


app = typer.Typer(
    cls=_Commands,
    help="Take the client list in, look at what was taken in, go back, make exceptions.",
    no_args_is_help=True,
    add_completion=False,
)

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")]
DataDir = Annotated[Path | None, typer.Option(help="Where the roster and its key live.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
From = Annotated[
    str | None,
    typer.Option("--from", help=f"Whose columns the file has: {', '.join(PRESETS)}; left out, the header tells."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="Which column is which, OURS=THEIRS, such as `client_ref=File No`; more than once."),
]
Encoding = Annotated[str | None, typer.Option(help="The file's encoding, where it cannot be told: cp1252, mac_roman …")]
Nicknames = Annotated[Path | None, typer.Option(help="The clinic's own nicknames: one group a line, with commas.")]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", help=f"A kind of variant to leave out, once each: {', '.join(kind_names(ALL_KINDS))}."),
]
_SHOWN = 20
_STAGES = {"read": "reading clients", "names": "spelling names", "table": "writing the index"}


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The client list: our CSV, or the export of a known program.")],
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    from_: From = None,
    column: Columns = None,
    encoding: Encoding = None,
    nicknames: Nicknames = None,
    without: Without = None,
    *,
    allow_bad_rows: Annotated[bool, typer.Option("--allow-bad-rows", help="Leave bad rows out.")] = False,
    accept_loss: Annotated[bool, typer.Option("--accept-loss", help="Also where many clients are missing.")] = False,
    make_refs: Annotated[
        bool, typer.Option("--make-refs", help="Where no column has a client's number: make references.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take a client list in; guardrail then needs the file no more. Says what changed, by counts and references."""
    read = _settings(settings, data_dir)
    versions = _versions(read)
    allow = allow_bad_rows or read.roster_allow_bad_rows
    reading = Reading(_preset(from_, column), encoding, allow, make_refs)
    variants = _variants(nicknames, without or [])
    with nameless(file), _bar() as progress:
        export = read_export(file, versions.key, reading)
        making = Making(variants, export.revision, progress)
        terms = Terms(datetime.now(UTC), making, read.roster_most_lost, accept_loss)
        number, changes = import_export(versions, file, export, terms)
    if as_json:
        print_json(
            {"version": number, "clients": len(export.people), "rejected_rows": len(export.rejected)}
            | {"preset": export.preset, "encoding": export.encoding, "left_out": dict(export.left_out)}
            | {"new": [*changes.new], "gone": [*changes.gone], "changed": [*changes.changed]}
        )
    else:
        _say(number, export, changes)
    _warn_of_own_names(versions, read)
    err.print(
        f"guardrail does not need {file} any more: delete it, or keep it where only you can read it", markup=False
    )


@app.command()
def history(settings: SettingsFile = None, data_dir: DataDir = None, *, as_json: AsJson = False) -> None:
    """List the client lists that were taken in and are still kept, newest first."""
    versions = _versions(_settings(settings, data_dir))
    current = _current(versions)
    table = Table("version", "taken in", "columns", "clients", "bad rows", "revision", "", box=None)
    for number in reversed(versions.numbers()):
        mark = "in force" if number == current else ""
        try:
            facts = versions.facts(number)
        except RosterError as error:
            if as_json:
                print_json({"version": number, "in_force": number == current, "problem": str(error)})
            table.add_row(str(number), "cannot be opened", "", "", "", "", mark)
            continue
        if as_json:
            print_json(
                {"version": number, "in_force": number == current, "at": facts.at.isoformat(), "preset": facts.preset}
                | {"clients": facts.clients, "rejected_rows": facts.rejected, "revision": facts.revision}
            )
        when = format_datetime(facts.at.astimezone(), "yyyy-MM-dd HH:mm", locale="en")
        counts = (str(facts.clients), str(facts.rejected))
        table.add_row(str(number), when, facts.preset, *counts, facts.revision[:12], mark)
    if not as_json:
        out.print(table)


@app.command()
def rollback(
    number: Annotated[int | None, typer.Argument(min=1, help="The version; left out, the one before.")] = None,
    settings: SettingsFile = None,
    data_dir: DataDir = None,
) -> None:
    """Put an earlier client list in force again; a running guardrail takes it up within seconds."""
    read = _settings(settings, data_dir)
    versions = _versions(read)
    current = _current(versions)
    whole = versions.numbers()
    if number is None:
        earlier = [one for one in whole if current is None or one < current]
        if not earlier:
            raise stop("there is no earlier client list: see `guardrail roster history`")
        number = earlier[-1]
    elif number not in whole:
        raise stop(f"there is no client list {number}: see `guardrail roster history`")
    versions.put_in_force(number)
    facts = versions.facts(number)
    out.print(f"client list {number} is in force: {facts.clients} clients, revision {facts.revision[:12]}")


@app.command()
def status(settings: SettingsFile = None, data_dir: DataDir = None, *, as_json: AsJson = False) -> None:
    """Say which client list is in force, after a check of its every byte."""
    read = _settings(settings, data_dir)
    versions = _versions(read)
    loaded = versions.load(read.own_names)
    if as_json:
        known = {"version": loaded.number, "clients": len(loaded.roster)} if loaded else {"version": None, "clients": 0}
        facts = {"revision": loaded.facts.revision, "at": loaded.facts.at.isoformat()} if loaded else {}
        print_json(known | facts | {"csv": str(read.roster) if read.roster else None})
    elif loaded is None:
        out.print("no client list was taken in here: see `guardrail roster import --help`")
    else:
        day = format_datetime(loaded.facts.at.astimezone(), "yyyy-MM-dd HH:mm", locale="en")
        out.print(f"client list {loaded.number} of {day} is in force and whole: {len(loaded.roster)} clients")
    if read.roster is not None:
        err.print(
            f"the setting `roster` names {read.roster}: that file counts, and not what was taken in", markup=False
        )
    _warn_of_own_names(versions, read)


def _settings(file: Path | None, data_dir: Path | None) -> Settings:
    return read_settings(file, {"data_dir": data_dir})


def _versions(read: Settings) -> Versions:
    return Versions(read.data_dir / ROSTER_FOLDER, read_or_create_key(read.data_dir, ROSTER_KEY, read.key_store))


def _current(versions: Versions) -> int | None:
    """Give the version in force; None, and say so, where that cannot be told: `rollback` mends it."""
    try:
        return versions.current()
    except RosterError as error:
        err.print(f"guardrail: {error}", markup=False)
        return None


def _preset(from_: str | None, column: list[str] | None) -> Preset | None:
    if from_ is not None and from_ not in PRESETS:
        raise stop(f"`{from_}` is no known program: --from knows {', '.join(PRESETS)}")
    base = PRESETS[from_] if from_ else None
    if not column:
        return base
    pairs = [one.partition("=") for one in column]
    if not all(ours.strip() and theirs.strip() for ours, _, theirs in pairs):
        raise stop("--column takes OURS=THEIRS, such as `client_ref=File No`")
    try:
        return named({ours.strip(): theirs for ours, _, theirs in pairs}, base)
    except ValueError as error:
        raise stop(f"--column: {error}") from None


def _variants(nicknames: Path | None, without: list[str]) -> Variants:
    try:
        return Variants(nicknames=read_nicknames(nicknames) if nicknames else ()).without(*without)
    except ValueError as error:
        raise stop(f"--without: {error}") from None


@contextmanager
def _bar() -> Iterator[Told]:
    """Show on stderr how far it is; nothing where stderr is no terminal."""
    with Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(_STAGES.get(stage, stage), total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield progress


def _say(number: int, export: Export, changes: Changes) -> None:
    out.print(f"client list {number} is in force: {len(export.people)} clients ({export.preset}, {export.encoding})")
    for what, refs in (("new", changes.new), ("gone", changes.gone), ("changed", changes.changed)):
        shown = ", ".join(refs[:_SHOWN]) + (f" and {len(refs) - _SHOWN} more" if len(refs) > _SHOWN else "")
        out.print(f"  {what}: {len(refs)}" + (f" ({shown})" if refs else ""), markup=False)
    if export.encoding == "cp1252":
        err.print("read as Windows-1252: try with `guardrail match` whether a name with an accent is found")
    for problem in export.rejected:
        err.print(f"left out: {problem}", markup=False)
    for what, count in export.left_out.items():
        if count:
            means = "taken as current clients" if what == "statuses" else "left out"
            err.print(f"{count} {what} could not be read: {means}", markup=False)


def _warn_of_own_names(versions: Versions, read: Settings) -> None:
    """Say, by counts alone, that a client has the name of one of us: such a client is not found by the name."""
    loaded = versions.load() if read.own_names else None
    if loaded is not None and (count := sum(bool(loaded.roster.match_text(name)) for name in read.own_names)):
        err.print(f"{count} of your `own_names` also means a client, who is not found by that name any more")

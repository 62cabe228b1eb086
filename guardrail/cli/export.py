"""`guardrail ledger export` and `report`: the ledger for others; who opened what was typed stands on the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

from guardrail.cli.opened import destination, opened
from guardrail.cli.passphrase import ask_passphrase
from guardrail.cli.recorded import OR_A_COPY, record, system_user
from guardrail.cli.terminal import err, progress
from guardrail.errors import LedgerError
from guardrail.ledger.reader import LedgerReader
from guardrail.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrage import x25519

    from guardrail.ledger.export.episode import Episode

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The folder in which the ledger lives.")]
Identity = Annotated[
    Path | None, typer.Option(help="Your secret key, to open what was typed: keep the export as a client's record.")
]
Copy = Annotated[
    bool, typer.Option("--copy", help="This is a copy of the ledger: do not record on it that it was opened.")
]


def export(
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; without it, stdout.")] = None,
    format_: Annotated[
        Literal["jsonl", "csv", "fhir", "bundle"],
        typer.Option(
            "--format",
            help="JSON lines, CSV for a spreadsheet, a FHIR R4 bundle of episodes, or (`bundle`) a page that checks "
            "the record by itself in a browser.",
        ),
    ] = "jsonl",
    start: Annotated[int, typer.Option("--from", min=0, help="Begin at the entry with this index.")] = 0,
    hold: Annotated[str | None, typer.Option(help="Only the episode of this hold.")] = None,
    client: Annotated[str | None, typer.Option(help="Only what concerns the client with this reference.")] = None,
    identity: Identity = None,
    copy: Copy = False,
) -> None:
    """Export entries; what was typed stays closed where no key is given. With one, the export is an entry itself."""
    from guardrail.ledger.seal import read_identities

    read = read_settings(settings, {"data_dir": data_dir})
    if format_ == "bundle":
        if identity is not None:
            raise LedgerError("a bundle never holds what was typed: leave --identity away, or choose another format")
        _bundle(read.data_dir, to, (start, hold, client))
        return
    identities = read_identities(identity, ask_passphrase) if identity is not None else ()
    with opened(read.data_dir) as ledger, destination(to) as file:
        if identities and not copy:
            _check_there(ledger, (start, hold, client))
            _record(read, {"format": format_, "from": start}, hold, client)
        count = _write(ledger, file, format_, (start, hold, client), identities)
    err.print(f"{count} {'resources' if format_ == 'fhir' else 'entries'} exported")


def report(
    hold: Annotated[str, typer.Option(help="The hold that the report is about (`episodes` names it).")],
    to: Annotated[Path, typer.Option("--to", help="The PDF file to write.")],
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    client: Annotated[
        str | None, typer.Option(help="For whose file it is, where the episode concerns several clients.")
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="The policy, for its words; without it the settings'.")] = None,
    language: Annotated[Literal["en", "fr"] | None, typer.Option(help="The report's language.")] = None,
    identity: Identity = None,
    copy: Copy = False,
) -> None:
    """Tell one episode in plain words, as a PDF for a client's file: what happened, and what its record is worth."""
    from guardrail.cli.told import labels, language_of
    from guardrail.durable import make_file
    from guardrail.language import Times
    from guardrail.ledger.export.episode import chosen, episodes
    from guardrail.ledger.export.pdf import pdf
    from guardrail.ledger.export.report import Report
    from guardrail.ledger.export.worth import Proof
    from guardrail.ledger.seal import read_identities

    read = read_settings(settings, {"data_dir": data_dir, "rules": rules})
    spoken = language_of(read, language)
    identities = read_identities(identity, ask_passphrase) if identity is not None else ()
    if to.exists():
        raise LedgerError(f"{to} is there already: name a new file")
    with opened(read.data_dir) as ledger:
        found = episodes(chosen(progress(ledger.read(), "reading"), hold))
        if not found:
            raise LedgerError("the ledger has no such hold: `guardrail ledger episodes` names them")
        episode = _for_one(found[0], client)
        if identities and not copy:
            _record(read, {"format": "pdf"}, hold, client)
        episode = episode.opened(identities)
        index = (episode.ending or episode.opening).stored.index
        hashes, note = ledger.prove(index)
        made = datetime.now(UTC)
        proof = Proof(index, tuple(hashes), note)
        document = Report(episode, proof, labels(read.rules, spoken), Times(spoken), made, bool(identities)).document()
    try:
        written = make_file(to, pdf(document, made))
    except OSError as error:
        raise LedgerError(f"cannot write {to}: {(error.strerror or 'unknown reason').lower()}") from None
    if not written:
        raise LedgerError(f"{to} is there already: name a new file")
    err.print(f"the report is in {to}", markup=False)


def _for_one(episode: Episode, client: str | None) -> Episode:
    """Give an episode as it may stand in one client's file: no other client is named there."""
    if client is not None:
        return episode.for_file_of(client) if episode.clients != (client,) else episode
    if len(episode.clients) > 1:
        raise LedgerError("this episode concerns several clients: say for whose file it is, with --client REF")
    return episode


def _write(
    ledger: LedgerReader,
    file: TextIO,
    format_: str,
    which: tuple[int, str | None, str | None],
    identities: Sequence[x25519.Identity],
) -> int:
    from guardrail.ledger.export import write_csv, write_json_lines
    from guardrail.ledger.export.episode import chosen
    from guardrail.ledger.export.fhir import Source, write_fhir
    from guardrail.ledger.export.gather import each_episode

    start, hold, client = which
    entries = chosen(progress(ledger.read(start), "exporting"), hold, client)
    if format_ == "fhir":
        head = ledger.head()
        source = Source(head.partition("\n")[0], head, datetime.now(UTC))
        beside = ledger.read(start) if hold is None and client is None else ()
        told = each_episode(ledger, entries, identities)
        if client is not None:
            told = (_for_one(one, client) for one in told)
        return write_fhir(told, file, source, beside)
    write = write_csv if format_ == "csv" else write_json_lines
    return write(entries, file, identities)


def _bundle(folder: Path, to: Path | None, which: tuple[int, str | None, str | None]) -> None:
    from guardrail.ledger.bundle import write_bundle
    from guardrail.ledger.export.episode import chosen
    from guardrail.ledger.keys import VERIFIER_FILE, read_verifiers
    from guardrail.witness.sender import KEYS_FILE

    start, hold, client = which
    known = folder / KEYS_FILE
    keys, witnesses = read_verifiers(folder / VERIFIER_FILE), read_verifiers(known) if known.exists() else ()
    with opened(folder) as ledger, destination(to) as file:
        if hold is None and client is None:
            count = write_bundle(ledger, file, keys, witnesses, lambda index, _: index >= start)
            shown = max(count - start, 0)
        else:
            some = {stored.index for stored in chosen(progress(ledger.read(start), "choosing"), hold, client)}
            count = write_bundle(ledger, file, keys, witnesses, lambda index, _: index in some)
            shown = len(some)
    err.print(f"a bundle of {count} entries, {shown} of them shown: open it in a browser")


def _check_there(ledger: LedgerReader, which: tuple[int, str | None, str | None]) -> None:
    """Raise LedgerError where nothing is about that hold or client: what is recorded must be no name, typed here."""
    from guardrail.ledger.export.episode import chosen

    start, hold, client = which
    for one in ((hold, None), (None, client)):
        if any(one) and next(chosen(ledger.read(start), *one), None) is None:
            what = "the ledger says nothing of that hold or client"
            raise LedgerError(f"{what}: give the id, or the clinic's own reference")


def _record(read: Settings, facts: dict[str, str | int], hold: str | None, client: str | None = None) -> None:
    """Write down that what was typed is opened: by whom, which part, in which form. Raise LedgerError.

    It comes first: what cannot be recorded is not opened.
    """
    from guardrail.model.entry import Entry, EntryKind, Json

    details: dict[str, Json] = {"by": system_user(), **facts}
    record(
        read,
        lambda at: Entry(EntryKind.EXPORTED, at, read.workstation, client_ref=client, hold=hold, details=details),
        "export",
        OR_A_COPY,
    )

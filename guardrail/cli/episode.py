"""`guardrail ledger episodes`, `show` and `review`: what a supervisor does with ten minutes a day."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.table import Table
from rich.text import Text

from guardrail.cli.opened import opened
from guardrail.cli.passphrase import ask_passphrase
from guardrail.cli.recorded import OR_A_COPY, record, system_user
from guardrail.cli.terminal import err, out, print_json, progress
from guardrail.errors import LedgerError
from guardrail.ledger.kinds import Judgement
from guardrail.settings import read_settings

if TYPE_CHECKING:
    from guardrail.ledger.export.episode import Episode
    from guardrail.ledger.reader import LedgerReader

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The folder in which the ledger lives.")]
Hold = Annotated[str, typer.Argument(help="The episode's hold, as `guardrail ledger episodes` names it.")]
# A hold's id may begin with a dash.
ANY_HOLD = {"ignore_unknown_options": True}


def episodes(
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    since: Annotated[
        str | None, typer.Option(help="Only those that began since then: `today`, a number of days as `7d`, or a date.")
    ] = None,
    unreviewed: Annotated[
        bool, typer.Option("--unreviewed", help="Only those in which somebody went on, and which nobody has reviewed.")
    ] = False,
    clinician: Annotated[str | None, typer.Option(help="Only those of this clinician.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the episodes at a glance, oldest first: who, where, about whom, what was answered, owed and judged."""
    from guardrail.ledger.export.gather import each_episode

    read = read_settings(settings, {"data_dir": data_dir})
    start = _since(since) if since is not None else None
    with opened(read.data_dir) as ledger:
        wanted = (
            episode
            for episode in each_episode(ledger, progress(ledger.read(), "reading"))
            if (start is None or episode.opening.entry.at >= start)
            and (not unreviewed or episode.awaits_review)
            and clinician in (None, episode.opening.entry.clinician)
        )
        if as_json:
            for episode in wanted:
                print_json(_glance(episode))
        else:
            _print(wanted)


def show(
    hold: Hold,
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    client: Annotated[str | None, typer.Option(help="Only what may stand in this client's file.")] = None,
    rules: Annotated[Path | None, typer.Option(help="The policy, for its words; without it the settings'.")] = None,
    language: Annotated[Literal["en", "fr"] | None, typer.Option(help="In which language.")] = None,
    identity: Annotated[Path | None, typer.Option(help="Your secret key, to read what was typed.")] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="This is a copy of the ledger: do not record on it that it was opened.")
    ] = False,
) -> None:
    """Tell one episode in plain words; with a key also what was typed, and then that you read it is on the ledger."""
    from guardrail.cli.told import labels, language_of, tell
    from guardrail.language import Times
    from guardrail.ledger.export.report import Report
    from guardrail.ledger.seal import read_identities
    from guardrail.model.entry import Entry, EntryKind

    read = read_settings(settings, {"data_dir": data_dir, "rules": rules})
    spoken = language_of(read, language)
    identities = read_identities(identity, ask_passphrase) if identity is not None else ()
    with opened(read.data_dir) as ledger:
        episode = _episode(ledger, hold)
    if client is not None:
        episode = episode.for_file_of(client)
    if identities and not copy:
        details: dict[str, Any] = {"by": system_user(), "page": "show", "opened": True}
        details["indexes"] = [one.stored.index for one in episode.told]
        record(
            read,
            lambda at: Entry(EntryKind.VIEWED, at, read.workstation, client_ref=client, hold=hold, details=details),
            "reading",
            OR_A_COPY,
        )
    if identities:
        episode = episode.opened(identities)
    report = Report(episode, None, labels(read.rules, spoken), Times(spoken), datetime.now(UTC), keyed=bool(identities))
    tell(report.document(), out)
    if episode.awaits_review:
        err.print(f"nobody has reviewed it: guardrail ledger review {hold} --verdict …", markup=False)


def review(
    hold: Hold,
    verdict: Annotated[Judgement, typer.Option(help="What you find.")],
    settings: SettingsFile = None,
    data_dir: DataDir = None,
    *,
    note: Annotated[
        bool,
        typer.Option(
            "--note",
            help="Write a note too: asked for, or read from stdin, since others can see a command's words. It is "
            "closed like all that is typed.",
        ),
    ] = False,
) -> None:
    """Write down what you find of an episode. It may be reviewed again: every review stays."""
    from guardrail.ledger.review import Review

    read = read_settings(settings, {"data_dir": data_dir})
    with opened(read.data_dir) as ledger:
        episode = _episode(ledger, hold)
    by = system_user()
    for line in _remarks(episode, by):
        err.print(line, markup=False)
    Review(by, verdict).entry(episode, read.workstation, datetime.now(UTC))  # before anybody writes a note in vain
    found = Review(by, verdict, _note() if note else "")
    index = record(read, lambda at: found.entry(episode, read.workstation, at), "review")
    out.print(f"reviewed as {verdict.value} by {by}: entry {index}", markup=False)


def _episode(ledger: LedgerReader, hold: str) -> Episode:
    """Give an episode with everything that was typed closed. Raise LedgerError where there is none."""
    from guardrail.ledger.export.episode import chosen
    from guardrail.ledger.export.episode import episodes as told_of

    found = told_of(chosen(progress(ledger.read(), "reading"), hold))
    if not found:
        raise LedgerError("the ledger has no such hold: `guardrail ledger episodes` names them")
    return found[0]


def _remarks(episode: Episode, by: str) -> Iterable[str]:
    """Give what a reviewer should know: reviews that there are, and that it goes on or is their own."""
    for told in episode.reviews:
        on = _minute(told.entry.at)
        yield f"it was reviewed before, by {told.detail('by')} on {on}: {told.detail('verdict')}; both stay"
    if episode.ending is not None and episode.unfinished:
        open_, late = _owed(episode)
        owed = f"{open_} duties are still owed, {late} of them late" if open_ else "its leave is not over"
        yield f"this episode is not finished: {owed}"
    if episode.opening.entry.clinician == by:
        yield "you review an episode of your own: the ledger says so"


def _note() -> str:
    """Give the note: lines up to an empty one at a terminal, else all of stdin."""
    if not sys.stdin.isatty():
        return sys.stdin.read().strip()
    err.print("your note, ended by an empty line:")
    lines = []
    while line := sys.stdin.readline().rstrip("\n"):
        lines.append(line)
    return "\n".join(lines)


def _since(text: str) -> datetime:
    """Give the beginning of a day of this workstation's zone, aware."""
    today = datetime.now().astimezone().date()
    try:
        if text == "today":
            day = today
        elif text.endswith("d"):
            day = today - timedelta(days=int(text.removesuffix("d")))
        else:
            day = date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise LedgerError(f"`{text}` is no day: write `today`, a number of days as `7d`, or 2026-03-31") from None
    return datetime.combine(day, time()).astimezone()


def _owed(episode: Episode) -> tuple[int, int]:
    """Give how many duties are owed, and how many of them are late."""
    owed = [duty for duty in episode.duties if duty.done is None]
    return len(owed), sum(duty.late is not None for duty in owed)


def _glance(episode: Episode) -> dict[str, Any]:
    opened = episode.opening.entry
    open_, late = _owed(episode)
    return {
        "hold": episode.hold,
        "at": opened.at.isoformat(),
        "clinician": opened.clinician,
        "site": opened.site,
        "action": opened.action,
        "clients": [*episode.clients],
        "answer": episode.ending.entry.kind.value if episode.ending else None,
        "finished": not episode.unfinished,
        "duties": {"owed": open_, "late": late, "done": len(episode.duties) - open_},
        "awaits_review": episode.awaits_review,
        "reviews": [
            {"at": told.entry.at.isoformat(), "by": told.detail("by"), "verdict": told.detail("verdict")}
            for told in episode.reviews
        ],
    }


def _print(found: Iterable[Episode]) -> None:
    from guardrail.ledger.export.words import ENTRIES

    table = Table("when\nhold", "who\nclient", "action", "answer\nduties", "review", box=None, padding=(0, 1, 1, 0))
    table.columns[0].no_wrap = True  # a hold's id is copied
    count = waiting = 0
    for episode in found:
        told, opened = episode.ending, episode.opening.entry
        open_, late = _owed(episode)
        owed = f"{open_} owed" if open_ else ("all done" if episode.duties else "")
        verdicts = "\n".join(str(one.detail("verdict")) for one in episode.reviews)
        table.add_row(
            Text(f"{_minute(opened.at)}\n{episode.hold}"),
            Text(f"{opened.clinician or ''}\n{', '.join(episode.clients)}"),
            Text(" ".join(filter(None, (opened.site, opened.action)))),
            Text.assemble(
                (ENTRIES[told.entry.kind] if told else "open", "" if told else "yellow"),
                (f"\n{owed}, {late} late" if late else f"\n{owed}", "red" if late else ""),
            ),
            Text(verdicts or ("not yet" if episode.awaits_review else ""), "" if verdicts else "yellow"),
        )
        count, waiting = count + 1, waiting + episode.awaits_review
    if count:
        out.print(table, soft_wrap=False)
    err.print(f"episodes: {count}; not reviewed yet: {waiting}")


def _minute(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")

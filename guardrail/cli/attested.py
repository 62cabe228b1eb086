"""`guardrail roster attested`: what was often said not to be a client, so that the clinic can look into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from babel.dates import format_datetime
from rich.table import Table
from rich.text import Text

from guardrail.cli.opened import opened
from guardrail.cli.passphrase import ask_passphrase
from guardrail.cli.recorded import OR_A_COPY, record, system_user
from guardrail.cli.terminal import err, out, print_json
from guardrail.holds.attested import OFTEN, Attested, attested
from guardrail.ledger.identity import read_identities
from guardrail.ledger.seal import open_sealed
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrage import x25519

_FEWEST = 8
_ALWAYS = 6  # columns
_LEAST = {"token": _FEWEST, "last": 10, "excepted until": 10, "typed": 16}


def attested_(
    settings: Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")] = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The folder in which the ledger lives.")] = None,
    *,
    at_least: Annotated[int, typer.Option("--at-least", min=1, help="Only what was attested so often.")] = OFTEN,
    identity: Annotated[
        Path | None, typer.Option(help="Your secret key: shows what was typed, for whom may read it.")
    ] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="This is a copy of the ledger: do not record on it that it was opened.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List what was often said not to be a client: how often, by how many, where, for which client it was taken."""
    read = read_settings(settings, {"data_dir": data_dir})
    identities = read_identities(identity, ask_passphrase) if identity is not None else ()
    with opened(read.data_dir) as ledger:
        every = attested(ledger.read())
    often = [one for one in every if one.times >= at_least]
    if identities and not copy:
        indexes: list[Json] = [one.opened.index for one in often if one.opened is not None]
        details: dict[str, Json] = {"by": system_user(), "page": "attested", "opened": True, "indexes": indexes}
        record(read, lambda at: Entry(EntryKind.VIEWED, at, read.workstation, details=details), "reading", OR_A_COPY)
    if as_json:
        for one in often:
            print_json(_facts(one) | {"typed": _typed(one, identities)})
        return
    short = shortened(one.token for one in every if one.is_words)
    rows = [(*_row(one, short), *_typed_row(one, identities)) for one in often]
    heads = ["token", "times", "by", "sites", "taken for", "last", "excepted until", "typed"]
    # A terminal is narrow: a column in which nothing stands is left out.
    kept = [at for at in range(len(heads)) if at < _ALWAYS or any(row[at] for row in rows)]
    table = Table(box=None)
    for at in kept:
        table.add_column(heads[at], overflow="fold", min_width=_LEAST.get(heads[at]))
    for row in rows:
        table.add_row(*(Text(row[at]) for at in kept))
    out.print(table)
    _say_what_next(often, short)


def _row(one: Attested, short: Mapping[str, str]) -> tuple[str, ...]:
    counts = (str(one.times), str(len(one.clinicians)))
    who = (", ".join(sorted(one.sites)), ", ".join(sorted(one.clients)))
    until = last_day(one.excepted) if one.is_excepted(datetime.now(UTC)) else ""
    return (short.get(one.token, "-"), *counts, *who, day(one.last), until)


def _typed_row(one: Attested, identities: Sequence[x25519.Identity]) -> tuple[str]:
    typed = _typed(one, identities)
    closed = "(closed)" if identities else ""
    return (", ".join(str(value) for value in typed.values()) if typed else closed,)


def shortened(tokens: Iterable[str]) -> Mapping[str, str]:
    """Give each token as people type it: as many of its first digits as tell it from all others, eight at the least."""
    known = sorted(set(tokens))
    digits = _FEWEST
    while len({one[:digits] for one in known}) < len(known):
        digits += 1
    return {one: one[:digits] for one in known}


def day(at: datetime | None) -> str:
    """Give a day as lists show it, in this workstation's zone; nothing for none."""
    return format_datetime(at.astimezone(), "yyyy-MM-dd", locale="en") if at else ""


def last_day(until: datetime | None) -> str:
    """Give the last day of what is over at a time; nothing for none."""
    return day(until - timedelta(seconds=1)) if until else ""


def _say_what_next(often: list[Attested], short: Mapping[str, str]) -> None:
    now = datetime.now(UTC)
    open_ = [one for one in often if one.is_words and one.times >= OFTEN and not one.is_excepted(now)]
    if not often:
        err.print("nothing was said so often not to be a client", markup=False)
    if any(not one.is_words for one in often):
        err.print("what has no token is an account, or was no search: it is asked about each time", markup=False)
    if open_:
        err.print("look into it first: a name too common, or an alias that is nobody's, is mended on the client list")
        token = short[open_[0].token]
        err.print(f"else except the words: guardrail roster except {token} --reason 'WHY, IN A LINE'", markup=False)


def _facts(one: Attested) -> dict[str, Json]:
    return {
        "token": one.token,
        "may_be_excepted": one.is_words and one.times >= OFTEN,
        "times": one.times,
        "clinicians": len(one.clinicians),
        "sites": [*sorted(one.sites)],
        "taken_for": [*sorted(one.clients)],
        "last": one.last.isoformat() if one.last else None,
        "excepted_until": one.excepted.isoformat() if one.excepted else None,
    }


def _typed(one: Attested, identities: Sequence[x25519.Identity]) -> Mapping[str, Json] | None:
    payload = one.opened.payload if one.opened else None
    return open_sealed(payload, identities) if payload and identities else None

"""One row of the roster: its cells become a Person, or a Problem that says what to mend."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain
from pathlib import Path

from guardrail.errors import Problem
from guardrail.model.people import Population
from guardrail.roster.contacts import email_key, phone_keys
from guardrail.roster.fold import split_words
from guardrail.roster.handles import parse_account
from guardrail.roster.names import person_names
from guardrail.roster.person import Client, Person

COLUMNS = (
    "client_ref",
    "given_name",
    "family_name",
    "preferred_name",
    "other_names",
    "handles",
    "emails",
    "phones",
    "status",
    "relation",
    "clinician",
)
_NAMES = ("given_name", "family_name", "preferred_name", "other_names")
_STATUSES = {"current": Population.CURRENT, "former": Population.FORMER, "prospective": Population.PROSPECTIVE}
_RELATIONS = ("client", "close_to_client")
_MANGLED_NUMBER = re.compile(r"\d(?:[.,]\d+)?E[+-]\d+|\d[.,]\d+E\d+|\d+\.0+", re.IGNORECASE)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|f[eé]vr?|mars|avr|mai|juin|juil|ao[uû]t|sept|d[eé]c)\.?"
)
# As Excel shows what it took for a day, a month or a time; a clinic's own JAN-12 stands in capitals.
_MANGLED_DATE = re.compile(rf"\d{{1,2}}-{_MONTH}(?:-\d{{2,4}})?|{_MONTH}-\d\d|[\d/-]+ \d\d?:\d\d(?::\d\d)?")
_LOST_LETTER = re.compile(r"[^\W\d_]\?[^\W\d_]")
_OF_A_PAGE = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});", re.IGNORECASE)
_ENTRIES = {
    "handles": ("account", "`site:handle`, `site:number`, `@handle` or the profile's address"),
    "emails": ("e-mail address", "whole addresses"),
    "phones": ("telephone number", "whole numbers with their area code"),
}
_LONGEST_REF = 64
_LONGEST_CELL = 2000
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_TELLING_PART = 3  # letters of a name that may not stand in a reference

type Fault = tuple[str, str | None]


def nearest(text: str, known: Iterable[str]) -> str | None:
    """Give a hint at the nearest of `known`; None where none is near."""
    near = get_close_matches(text.strip().lower(), list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else None


def ref_key(ref: str) -> str:
    """Give the one spelling of a reference in which two are compared: case, form and kind of dash do not count."""
    return unicodedata.normalize("NFKC", ref).translate(_DASHES).casefold()


def read_person(file: Path, line: int, cells: Mapping[str, str]) -> Person | Problem:
    """Read a row by its columns; an absent column is an empty cell."""
    row = {column: cells.get(column, "").strip() for column in COLUMNS}
    row["client_ref"] = _visible(row["client_ref"])
    status = row["status"].lower() or "current"
    relation = "_".join(row["relation"].lower().split()) or "client"
    others = [other for other in row["other_names"].split(";") if other.strip()]
    names = person_names(row["given_name"], row["family_name"], row["preferred_name"], others)
    accounts = [_account(entry) for entry in _entries(row["handles"])]
    emails = [email_key(entry) for entry in _entries(row["emails"])]
    phones = [None if _MANGLED_NUMBER.fullmatch(entry) else phone_keys(entry) for entry in _entries(row["phones"])]
    faults = chain(
        _cell_faults(row),
        _choice_faults("status", status, tuple(_STATUSES)),
        _choice_faults("relation", relation, _RELATIONS),
        _entry_faults("handles", accounts),
        _entry_faults("emails", emails),
        _entry_faults("phones", phones),
        _whole_faults(row, known=bool(names or accounts or emails or phones)),
    )
    for what, hint in faults:
        return Problem(file, line, None, what, hint)
    population = Population.CLOSE if relation == "close_to_client" else _STATUSES[status]
    return Person(
        Client(row["client_ref"], names.initials, population),
        names,
        tuple(filter(None, accounts)),
        tuple(filter(None, emails)),
        tuple(chain.from_iterable(filter(None, phones))),
    )


def _entries(cell: str) -> Iterator[str]:
    return filter(None, map(str.strip, cell.split(";")))


def _account(entry: str) -> tuple[str, str] | None:
    account = parse_account(entry)
    return None if account is None or _MANGLED_NUMBER.fullmatch(account[1]) else account


def _visible(text: str) -> str:
    """Give a reference without what nobody sees in it: two that look alike would be two clients."""
    return " ".join("".join(char for char in text if unicodedata.category(char) != "Cf").split())


def _cell_faults(row: Mapping[str, str]) -> Iterator[Fault]:
    for column, cell in row.items():
        if len(cell) > _LONGEST_CELL:
            yield f"`{column}` is longer than {_LONGEST_CELL} characters", "a quote may be open since this line"
    for column in ("client_ref", *_NAMES):
        fault = _mangled(row[column])
        if fault:
            yield f"`{column}` {fault}", "enter it again in the source of this file"
    for column in _NAMES:
        name = row[column]
        if name and not (split_words(name).latin and any(map(str.isalpha, name))):
            yield f"`{column}` has no letters", None
        elif _LOST_LETTER.search(name):
            hint = "save the list as `CSV UTF-8`; where a glottal stop is meant, write ʔ"
            yield f"`{column}` has a question mark in the place of a letter", hint
        elif _OF_A_PAGE.search(name):
            yield f"`{column}` has a letter as a web page writes it", "enter it again as a letter"


def _choice_faults(column: str, value: str, choices: tuple[str, ...]) -> Iterator[Fault]:
    if value not in choices:
        yield f"`{column}` is unknown", nearest(value, choices) or f"take one of: {', '.join(choices)}"


def _entry_faults(column: str, read: Iterable[object]) -> Iterator[Fault]:
    what, hint = _ENTRIES[column]
    for at, entry in enumerate(read, start=1):
        if not entry:
            yield f"entry {at} of `{column}` is no {what}", f"write {hint}, with `;` between them"


def _whole_faults(row: Mapping[str, str], *, known: bool) -> Iterator[Fault]:
    ref = row["client_ref"]
    if not ref:
        yield "`client_ref` is empty", "give the clinic's own number of this person"
    elif len(ref) > _LONGEST_REF:
        yield f"`client_ref` is longer than {_LONGEST_REF} characters", None
    elif email_key(ref) or set(phone_keys(ref)) & {
        key for entry in _entries(row["phones"]) for key in phone_keys(entry)
    }:
        yield "`client_ref` is an address or a telephone number", "references are shown and recorded: use a number"
    if not known:
        yield "nothing says who this is", "give a name, a handle, an e-mail address or a telephone number"
    parts = {word for column in _NAMES for word in split_words(row[column]).latin if len(word) >= _TELLING_PART}
    if parts & set(split_words(ref).latin):
        yield "`client_ref` contains a part of the name", "references are shown and recorded: use a number"


def _mangled(text: str) -> str | None:
    """Say what a spreadsheet or a wrong encoding did to a cell; None where it looks whole."""
    if text.startswith(("=", "#")):
        return "is a spreadsheet formula or its error"
    if _MANGLED_NUMBER.fullmatch(text):
        return "is a number that a spreadsheet has rounded or rewritten"
    if _MANGLED_DATE.fullmatch(text.lower()) and not text.isupper():
        return "is a date that a spreadsheet has made of it"
    if "\n" in text or "\r" in text:
        return "has a line break"
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cn", "Co", "So", "Sc") or char == "\ufffd":
            return "has a character that no name has; it was read in a wrong encoding"
    return None

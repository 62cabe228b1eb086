"""How well the recognisers do on a corpus: `python -m tests.recognise.score FILE… [--site SITE] [--all]`.

A table per site, then every difference between what a case expects and what came out.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from guardrail.errors import SiteFileError
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.lines import outcome_of, sample_of
from guardrail.recognise.load import load_sites

FIELDS = ("action", "query", "target_id", "target_handle", "target_name", "actor_id")


@dataclass(frozen=True, slots=True)
class Judged:
    """One case: what it expected, what came out, and which fields differ."""

    id: str
    site: str
    expected: dict[str, Any]
    got: dict[str, Any]
    wrong: tuple[str, ...]


def judge(case: dict[str, Any], index: SiteIndex) -> Judged:
    """Compare one case with what the index makes of it; a negative is wrong only if it is recognised."""
    expected = case["expect"]
    got = outcome_of(sample_of(case), index)
    if expected.get("action") is None:
        wrong = [] if got["action"] is None else ["action"]
    else:
        wrong = [name for name in FIELDS if not _same(name, expected, got)]
    if _people(expected.get("identities") or []) != _people(got["identities"]):
        wrong.append("identities")
    return Judged(case["id"], case["site"], expected, got, tuple(wrong))


def _same(name: str, expected: dict[str, Any], got: dict[str, Any]) -> bool:
    wanted = expected.get(name)
    if name == "target_handle" and isinstance(wanted, str):
        wanted = wanted.lower()
    others = expected.get("target_id_alt") or []
    if name == "target_id" and wanted is None and others:
        return got[name] is None or got[name] in others
    return bool(got[name] == wanted)


def _people(identities: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {(one.get("id"), (one.get("handle") or "").lower() or None, one.get("name")) for one in identities}


def main(arguments: list[str]) -> int:
    """Print the table and the differences; 0 where nothing differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--site", action="append", help="only cases of this site; may be given several times")
    parser.add_argument("--sites", type=Path, action="append", help="load these folders of site files instead of ours")
    options = parser.parse_args(arguments)
    try:
        index = load_sites(options.sites, ours=None) if options.sites else load_sites()
    except SiteFileError as error:
        sys.stderr.writelines(f"{problem}\n" for problem in error.problems)
        return 2
    cases = [orjson.loads(line) for file in options.files for line in file.read_bytes().splitlines() if line.strip()]
    judged = [judge(case, index) for case in cases if not options.site or case["site"] in options.site]
    rows: dict[str, Counter[str]] = {}
    for one in judged:
        row = rows.setdefault(one.site, Counter())
        sign = "positive" if one.expected.get("action") else "negative"
        row[sign] += 1
        right = not set(one.wrong) - {"identities"}
        row[f"{sign} right"] += right
        row["taught"] += bool(one.expected.get("identities"))
        row["taught right"] += bool(one.expected.get("identities")) and "identities" not in one.wrong
    write = sys.stdout.write
    write(f"{'site':18}{'positives':>12}{'negatives':>12}{'identities':>12}\n")
    for site, row in [*sorted(rows.items()), ("all", sum(rows.values(), Counter()))]:
        cells = [f"{row[f'{name} right']}/{row[name]}" for name in ("positive", "negative", "taught")]
        write(f"{site:18}" + "".join(f"{cell:>12}" for cell in cells) + "\n")
    for one in judged:
        for name in one.wrong:
            write(f"{one.id}: {name}: expected {one.expected.get(name)!r}, got {one.got[name]!r}")
            write(f" by {one.got['recogniser']}\n" if one.got["recogniser"] else "\n")
    return int(any(one.wrong for one in judged))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

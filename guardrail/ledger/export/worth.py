"""What an episode's record is worth, on paper: its entries, the signed root of the tree, and the proof of one entry."""

from __future__ import annotations

from dataclasses import dataclass

from guardrail.language import Times
from guardrail.ledger.export import words
from guardrail.ledger.export.blocks import Block, Say, facts, plain, section
from guardrail.ledger.export.episode import Episode
from guardrail.model.entry import Json

_HALF = 32


@dataclass(frozen=True, slots=True)
class Proof:
    """That one entry is in the tree: its index, the hashes beside its way up, and the signed state (C2SP note)."""

    index: int
    hashes: tuple[bytes, ...]
    note: str

    @property
    def lines(self) -> list[str]:
        """The hashes, one a line."""
        return [one.hex() for one in self.hashes]


def worth(episode: Episode, proof: Proof, times: Times, say: Say) -> Block:
    """Give the last section of a report."""
    origin, size, root = proof.note.split("\n")[:3]
    number = str(proof.index)
    rows: list[Json] = [
        [
            str(one.stored.index),
            times.local(one.entry.at).strftime("%Y-%m-%d %H:%M:%S"),
            say(words.ENTRIES.get(one.entry.kind, one.entry.kind.value)),
            "\n".join(one.stored.leaf[at : at + _HALF] for at in range(0, len(one.stored.leaf), _HALF)),
        ]
        for one in episode.told
    ]
    head: list[Json] = [say("No."), say("Time"), say("Entry"), say("Hash (SHA-256)")]
    return section(
        say("What this record is worth"),
        [
            plain(
                say(
                    "Each step above is a numbered entry of the clinic’s ledger, written before anything went on. The "
                    "entries are the leaves of a hash tree (RFC 6962), and the workstation signs the root of that "
                    "tree: whoever changed, added or took away an entry afterwards would get another root."
                )
            ),
            {"kind": "table", "head": head, "rows": rows},
            facts(
                [
                    (say("Ledger"), origin),
                    (say("Entries then"), size),
                    (say("Root then"), root),
                    (say("Proved here"), say("entry %(number)s", number=number)),
                ]
            ),
            plain(
                say(
                    "To check it: run “guardrail ledger verify” on the ledger, with the verifier key that was kept "
                    "elsewhere. Without the ledger, the proof and the signed state below lead from the entry’s hash to "
                    "the root. A bundle of the ledger checks every entry in a browser, without a network."
                )
            ),
            _code(
                say("Proof that entry %(number)s is in the tree", number=number), [one.hex() for one in proof.hashes]
            ),
            _code(say("The signed state"), proof.note.strip().split("\n")),
        ],
    )


def _code(title: str, lines: list[str]) -> Block:
    return {"kind": "code", "title": title, "lines": [*lines]}

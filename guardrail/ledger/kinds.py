"""Every kind of entry: when it is written, and what stands in its details; the published JSON Schema is made of it.

`python -m tests.ledger.document` writes `docs/entry.schema.json` and the table in docs/ledger.md; a test holds both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from guardrail.ledger.canonical import FACTS, SCHEMA, SEALED
from guardrail.model.action import ActionKind
from guardrail.model.decision import Mode, Scope, Verdict
from guardrail.model.entry import EntryKind as K
from guardrail.model.people import Account, Population


class Judgement(StrEnum):
    """What a supervisor finds of an episode; the strings are stable."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"
    INCONCLUSIVE = "inconclusive"


_TEXT: dict[str, Any] = {"type": "string"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_YES: dict[str, Any] = {"type": "boolean"}
_HASH: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_KEY: dict[str, Any] = {"type": "string", "pattern": "^age1[0-9a-z]+$"}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _one_of(*values: str) -> dict[str, Any]:
    return {"enum": [*values]}


def _or_null(one: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [one, {"type": "null"}]}


_READER = {
    "type": "object",
    "properties": {"key": _KEY, "role": _or_null(_TEXT), "clinicians": _list(_TEXT)},
    "required": ["key", "role", "clinicians"],
    "additionalProperties": False,
}
_COSIGNED = {
    "type": "object",
    "properties": {"witness": _TEXT, "size": _COUNT},
    "required": ["witness", "size"],
    "additionalProperties": False,
}
_RESEALED = {"type": "array", "prefixItems": [_COUNT, _HASH, _HASH], "items": False, "minItems": 3}

DETAILS: Mapping[str, tuple[dict[str, Any], str]] = {
    SEALED: (
        {"type": "object", "properties": {"sha256": _HASH}, "required": ["sha256"], "additionalProperties": False},
        "the hash of what was typed, in its closed form",
    ),
    "account": (_one_of(*(one.value for one in Account)), "as whom the clinician acted on the site"),
    "actions": (_list(_one_of(*(one.value for one in ActionKind))), "which actions the grant covers"),
    "agreed": (_YES, "the client agreed"),
    "also": (_list(_TEXT), "the references of further clients whom it concerns"),
    "behind": (_COUNT, "how many entries waited"),
    "by": (_TEXT, "who did it: the name at the system, or in the console"),
    "cause": (_TEXT, "why, in a code or one line"),
    "checkpoint_every": (_COUNT, "after how many entries a checkpoint stays at the latest"),
    "clients": (_COUNT, "how many people the roster has"),
    "cosigned": (_list(_COSIGNED), "of each witness, how many entries it had cosigned by then"),
    "danger": (_or_null(_TEXT), "the coded danger of the form"),
    "due_at": (_or_null(_TIME), "until when it is owed"),
    "duty": (_TEXT, "the duty's id"),
    "duty_accepted": (_YES, "the clinician took the duties on"),
    "duty_kind": (_TEXT, "which duty of the policy"),
    "exception": (_TEXT, "the clinic's exception by which it passed: the token of its words"),
    "exceptions": (_list(_TEXT), "the clinic's exceptions in force: the tokens of their words"),
    "expires_at": (_TIME, "until when the grant lasts"),
    "failed_rules": (_COUNT, "how many rules could not be evaluated"),
    "fast": (_YES, "the form's fast way was taken"),
    "form": (_or_null(_TEXT), "which form of the policy"),
    "format": (_TEXT, "in which format"),
    "from": (_COUNT, "from which index on"),
    "heartbeat_seconds": (_COUNT, "how often a heartbeat is promised"),
    "held": (_YES, "whether the hold begins or ends"),
    "how": (_TEXT, "how the clinician was known"),
    "in_session": (_YES, "it was agreed in session"),
    "incident": (_or_null(_TEXT), "the incident's id, which the page showed"),
    "index": (_COUNT, "the entry that is meant"),
    "indexes": (_list(_COUNT), "the entries that are meant"),
    "jump_seconds": ({"type": "integer"}, "by how much the clock jumped since the last"),
    "key": (_TEXT, "the verifier key that signs from here on"),
    "line": (_or_null(_COUNT), "the line of the first problem"),
    "match": (_or_null(_TEXT), "how the client was recognised"),
    "means": (_list(_TEXT), "the coded means that were tried first"),
    "mode": (_or_null(_one_of(*(one.value for one in Mode))), "the rule's mode"),
    "new": (_TEXT, "the verifier key that follows"),
    "next_meeting": (_or_null({"type": "string", "format": "date"}), "when the client is met next"),
    "no_time": (_YES, "there was no time to try other means"),
    "old": (_TEXT, "the verifier key that ends"),
    "on_site": (_or_null(_TEXT), "the one site of the grant; null: every watched one"),
    "opened": (_YES, "whether what was typed was opened"),
    "page": (_TEXT, "what was looked at"),
    "population": (_one_of(*(one.value for one in Population)), "what the subject is to the clinic"),
    "practice": (_YES, "the practice sites were served"),
    "problems": (_COUNT, "how many problems the file has"),
    "purpose": (_or_null(_TEXT), "the coded purpose"),
    "readers": (_list(_READER), "who may read from here on, and whose entries"),
    "reason": (_TEXT, "why, in a code or one line"),
    "recogniser": (_TEXT, "which recogniser knew the request"),
    "rejected_rows": (_COUNT, "how many rows were left out"),
    "refused_seconds": (_COUNT, "for how long a heartbeat was due that the ledger did not take"),
    "roster_revision": (_TEXT, "which roster"),
    "roster_version": (_COUNT, "which import of it"),
    "rule": (_TEXT, "by which rule"),
    "scope": (_one_of(*(one.value for one in Scope)), "what the grant covers"),
    "seconds": (_COUNT, "for how long"),
    "settings": (_list(_TEXT), "the names of the settings; no value"),
    "subject_key": (_TEXT, "the client's reference, or a keyed token"),
    "surface": (_one_of("page", "overlay"), "where the hold was shown"),
    "texts": (_list(_RESEALED), "of each text: its entry, the hash it had, the hash it has now"),
    "to": (_list(_KEY), "the public keys that open them now, each for its clinicians"),
    "until": (_TIME, "until when it lasts"),
    "uses": (_or_null(_COUNT), "how many uses the grant has; null: any number"),
    "verdict": (_TEXT, "what the policy, or the supervisor, says"),
    "where": (_TEXT, "in which part"),
    "with": (_list(_KEY), "the public halves of the keys that opened them"),
    "words": (_TEXT, "a keyed token of the words typed, and of the clients whom they mean"),
}
"""What a name in the details means, and its shape: the same in every kind."""

_VERDICTS = _one_of(*(one.name.lower() for one in Verdict))
_REVIEWS = _one_of(*(one.value for one in Judgement))
_ABANDONED = _one_of("time", "memory", "restart")
_SEEN = ("verdict", "mode", "population", "account", "match", "recogniser", "failed_rules")
_PULSE = ("heartbeat_seconds",)


@dataclass(frozen=True, slots=True)
class Kind:
    """When an entry of a kind is written, the details that it always has, and those that it may have.

    `narrows` are details whose values are fewer than the name allows elsewhere.
    """

    when: str
    always: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    narrows: Mapping[str, dict[str, Any]] | None = None

    def schema(self) -> dict[str, Any]:
        """Give the JSON Schema of the details."""
        shapes = {name: DETAILS[name][0] for name in (*self.always, *self.may)} | dict(self.narrows or {})
        return {
            "type": "object",
            "properties": dict(sorted(shapes.items())),
            "required": sorted(self.always),
            "additionalProperties": False,
        }


_ON_HOLD = {"verdict": _VERDICTS}

_HELD_UP = ("jump_seconds", "refused_seconds")

KINDS: Mapping[K, Kind] = {
    K.STARTED: Kind("a workstation starts", ("practice",), (*_PULSE, "checkpoint_every", "jump_seconds", "cosigned")),
    K.STOPPED: Kind("it ends", (), (*_PULSE, *_HELD_UP, "cosigned")),
    K.HEARTBEAT: Kind(
        "the promised time is over, whatever happened, or the clock jumped", _PULSE, (*_HELD_UP, "cosigned")
    ),
    K.SETTINGS_CHANGED: Kind("it starts with other settings than last time", ("settings",)),
    K.READERS_CHANGED: Kind("it starts with other readers than last time", ("readers",)),
    K.POLICY_LOADED: Kind("the policy was read, at a start or after a change; `policy_revision` says which"),
    K.POLICY_REFUSED: Kind("a changed policy has problems; the old one stays", ("problems", "line")),
    K.ROSTER_LOADED: Kind(
        "the client list was read, or the clinic's exceptions from it changed",
        ("clients", "rejected_rows"),
        ("roster_revision", "roster_version", "exceptions"),
    ),
    K.EXCEPTION_SET: Kind(
        "the clinic excepts words that mean a client by name: they are held no more",
        ("words", "by", "until"),
        (SEALED, "also"),
    ),
    K.EXCEPTION_REMOVED: Kind("it takes such an exception back", ("words", "by"), ("also",)),
    K.NOTICE_ACKNOWLEDGED: Kind("a clinician has read what is recorded; before, nothing about them is", ("how",)),
    K.NOTED: Kind(
        "an action passed that a rule wants on record, or by an exception of the clinic's (`exception`)",
        _SEEN,
        (SEALED, "also", "exception"),
        _ON_HOLD,
    ),
    K.HOLD_OPENED: Kind("an action was stopped", (*_SEEN, "surface"), (SEALED, "also"), _ON_HOLD),
    K.BACKED_OUT: Kind("the clinician went back", (), ("also",)),
    K.ABANDONED: Kind("nobody answered a hold in time", ("cause",), ("also",), {"cause": _ABANDONED}),
    K.JUSTIFIED: Kind(
        "the crisis form was answered",
        ("form", "danger", "means", "no_time", "purpose", "fast", "duty_accepted", "next_meeting"),
        (SEALED, "also"),
    ),
    K.ATTESTED: Kind("the clinician says that this is not a client", ("reason",), (SEALED, "also", "words")),
    K.CONSENT_USED: Kind("the client has agreed, in session", ("purpose", "in_session", "agreed"), ("also",)),
    K.ACKNOWLEDGED: Kind("a warning was read, and the clinician goes on", (), ("also",)),
    K.GRANT_ISSUED: Kind(
        "an answer bought a grant",
        ("subject_key", "purpose", "scope", "actions", "on_site", "expires_at", "uses"),
        ("also",),
    ),
    K.GRANT_USED: Kind("a grant let an action through", _SEEN, (SEALED, "also"), _ON_HOLD),
    K.GRANT_USED_UP: Kind("that was its last use"),
    K.GRANT_EXPIRED: Kind("its time is over"),
    K.GRANT_REVOKED: Kind("its clinician gave it back"),
    K.REFUSED: Kind("something was asked for that may not be", ("reason",), ("incident",)),
    K.DUTY_CREATED: Kind("a grant obliges to something", ("duty", "duty_kind", "due_at")),
    K.DUTY_DONE: Kind(
        "a duty was done: `duty_kind` says whether the narrative was completed, the outcome written, or the matter "
        "discussed with the client or the supervisor",
        ("duty", "duty_kind"),
        (SEALED,),
    ),
    K.DUTY_OVERDUE: Kind("it was not done in time; it stays owed", ("duty", "duty_kind")),
    K.FAILURE: Kind("a part of guardrail failed, and refused; `where` is its mode", ("where",), ("incident", "cause")),
    K.VIEWED: Kind(
        "somebody read entries, at the command line or in the console", ("by", "page"), ("indexes", "opened")
    ),
    K.REVIEWED: Kind(
        "a supervisor judged an episode", ("by", "verdict", "index"), (SEALED, "also"), {"verdict": _REVIEWS}
    ),
    K.EXPORTED: Kind("what was typed was opened for an export", ("by", "format"), ("from",)),
    K.KEY_ROTATED: Kind("the signing key says which one follows it", ("old", "new")),
    K.KEY_IN_USE: Kind("the new signing key signs from here on", ("key",)),
    K.RESEALED: Kind("sealed texts were closed anew, to other readers", ("by", "with", "to", "texts")),
    K.LEGAL_HOLD: Kind("nothing of a client (or, without one, at all) may be destroyed", ("held", "reason")),
    K.DESTROYED: Kind("sealed texts whose time is over were destroyed", ("indexes", "rule")),
    K.STORE_LOST: Kind("the clinic's database is out of reach; entries are kept here", ("cause",)),
    K.STORE_BACK: Kind("it is in reach again, and has what was kept", ("seconds",), ("behind",)),
}
"""Every kind, in the order in which the docs tell of them."""


def entry_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of an entry's bytes, with every kind and what its details are."""
    facts = {name: _or_null(_TEXT) for name in FACTS} | {"workstation": _TEXT}
    properties: dict[str, Any] = {
        "schema": {"const": SCHEMA},
        "kind": _one_of(*(kind.value for kind in KINDS)),
        "at": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"},
        **facts,
        "details": {"type": "object"},
    }
    cases = [
        {
            "if": {"properties": {"kind": {"const": kind.value}}},
            "then": {"description": told.when, "properties": {"details": told.schema()}},
        }
        for kind, told in KINDS.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An entry of guardrail's ledger",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        "allOf": cases,
    }


def table() -> str:
    """Give the kinds as a table in Markdown; what a kind may have and need not stands in brackets."""
    rows = ["| kind | when | details |", "|---|---|---|"]
    for kind, told in KINDS.items():
        names = [*(f"`{name}`" for name in told.always), *(f"[`{name}`]" for name in told.may)]
        rows.append(f"| `{kind.value}` | {told.when} | {' '.join(names)} |")
    meanings = ["", "| detail | what it is |", "|---|---|"]
    meanings += [f"| `{name}` | {words} |" for name, (_, words) in sorted(DETAILS.items())]
    return "\n".join([*rows, *meanings]) + "\n"

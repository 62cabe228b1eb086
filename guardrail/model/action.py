"""Actions, their subjects, and the identities that make a number a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ActionKind(StrEnum):
    """What the clinician is about to do. A closed list; the strings are stable."""

    SEARCH = "search"
    SUGGEST = "suggest"
    VIEW_PROFILE = "view_profile"
    CONNECT_REQUEST = "connect_request"
    CONNECT_ACCEPT = "connect_accept"
    FOLLOW = "follow"
    VIEW_FOLLOWERS = "view_followers"
    REACT = "react"
    COMMENT = "comment"
    MESSAGE = "message"
    REVIEW_REPLY = "review_reply"
    REVIEW_SOLICIT = "review_solicit"


class Confidence(StrEnum):
    """How sure a recogniser is that the request is its action; rules may treat `low` softly."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an action is about, as seen on the wire. All parts may be absent.

    `query` is fully decoded free text; `handle` has no `@`, is percent-decoded and lower case.
    `alt_id` is a second id of the same person (a LinkedIn member number beside the URN).
    """

    query: str | None = None
    id: str | None = None
    alt_id: str | None = None
    handle: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A recognised request: the action, on which site, by which recogniser, about whom.

    `actor_id` is the account that acts, where readable. `silence` names the format in which an
    empty answer is given to suggestions (recognise/silence.py); None where there is none.
    `tells` is the key of the sentence that says what the site would tell the client. `others` are further
    subjects of the same request (a message to several, a batch). `request` is the digest of the one request
    meant, set where the action names nobody: leave for it is leave for that request alone. `along` is what
    else the same request does (a batch): actions of another kind, each to be judged too. `accounts` are other
    sites whose account numbers and handles this site's are as well (Messenger's are Facebook's).
    """

    kind: ActionKind
    site: str
    recogniser: str
    subject: Subject = field(default_factory=Subject)
    actor_id: str | None = None
    confidence: Confidence = Confidence.HIGH
    silence: str | None = None
    tells: str | None = None
    others: tuple[Subject, ...] = ()
    request: str | None = None
    along: tuple[Action, ...] = ()
    accounts: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The sites on which the subject's accounts are looked up: the action's own, then those that share them."""
        return (self.site, *self.accounts)


@dataclass(frozen=True, slots=True)
class Identity:
    """One person on one site, learned from an answer: id, handle and display name.

    `aliases` are further ids under which requests mean the same person: an invitation, a thread, a member number.
    """

    site: str
    id: str | None = None
    handle: str | None = None
    name: str | None = None
    aliases: tuple[str, ...] = ()

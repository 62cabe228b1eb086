"""What the report says of each code of the house: sentences to be translated, with places for who and where."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from guardrail.language import N_
from guardrail.ledger.kinds import Judgement
from guardrail.model.action import ActionKind
from guardrail.model.entry import EntryKind
from guardrail.model.people import Population

ABOUT_TO: Final[Mapping[str, str]] = MappingProxyType(
    {
        ActionKind.SEARCH: N_("%(who)s was about to search for someone on %(site)s."),
        ActionKind.SUGGEST: N_("%(who)s was about to search for someone on %(site)s."),
        ActionKind.VIEW_PROFILE: N_("%(who)s was about to look at someone’s profile on %(site)s."),
        ActionKind.CONNECT_REQUEST: N_("%(who)s was about to send a contact request on %(site)s."),
        ActionKind.CONNECT_ACCEPT: N_("%(who)s was about to accept a contact request on %(site)s."),
        ActionKind.FOLLOW: N_("%(who)s was about to follow someone on %(site)s."),
        ActionKind.VIEW_FOLLOWERS: N_("%(who)s was about to look at who follows, likes or reacted on %(site)s."),
        ActionKind.REACT: N_("%(who)s was about to react to someone’s post on %(site)s."),
        ActionKind.COMMENT: N_("%(who)s was about to write a comment on %(site)s."),
        ActionKind.MESSAGE: N_("%(who)s was about to write to someone on %(site)s."),
        ActionKind.REVIEW_REPLY: N_("%(who)s was about to answer a review on %(site)s."),
        ActionKind.REVIEW_SOLICIT: N_("%(who)s was about to ask for a review on %(site)s."),
    }
)
DONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        ActionKind.SEARCH: N_("A search on %(site)s"),
        ActionKind.SUGGEST: N_("Suggestions while typing on %(site)s"),
        ActionKind.VIEW_PROFILE: N_("A look at a profile on %(site)s"),
        ActionKind.CONNECT_REQUEST: N_("A contact request on %(site)s"),
        ActionKind.CONNECT_ACCEPT: N_("A contact request accepted on %(site)s"),
        ActionKind.FOLLOW: N_("A follow on %(site)s"),
        ActionKind.VIEW_FOLLOWERS: N_("A look at who follows, likes or reacted on %(site)s"),
        ActionKind.REACT: N_("A reaction on %(site)s"),
        ActionKind.COMMENT: N_("A comment on %(site)s"),
        ActionKind.MESSAGE: N_("A message on %(site)s"),
        ActionKind.REVIEW_REPLY: N_("An answer to a review on %(site)s"),
        ActionKind.REVIEW_SOLICIT: N_("A request for a review on %(site)s"),
    }
)
POPULATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Population.CURRENT: N_("a current client"),
        Population.FORMER: N_("a former client"),
        Population.PROSPECTIVE: N_("a prospective client"),
        Population.CLOSE: N_("a person close to a client"),
        Population.PROFESSIONAL: N_("a health professional"),
        Population.UNKNOWN: N_("a person not known to the clinic"),
    }
)
RECOGNISED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": N_("recognised by the account’s number"),
        "handle": N_("recognised by the account’s handle"),
        "email": N_("recognised by an email address"),
        "phone": N_("recognised by a telephone number"),
        "name": N_("recognised by the name"),
        "prefix": N_("recognised by the beginning of the name"),
    }
)
SEEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "query": N_("Words typed"),
        "name": N_("Name on the site"),
        "handle": N_("Account"),
        "id": N_("Account number"),
        "alt_id": N_("Second account number"),
    }
)
PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {"danger": N_("Why it could not wait"), "purpose": N_("What for"), "reason": N_("Reason")}
)
TYPED: Final[Mapping[str, str]] = MappingProxyType(
    {"narrative": N_("What happened, in the clinician’s words"), "note": N_("Note"), "text": N_("What was written")}
)
VERDICTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "warn": N_("For this, the clinic’s policy gives a warning first."),
        "justify": N_("For this, the clinic’s policy asks for a documented reason first."),
        "block": N_("This, the clinic’s policy does not allow."),
    }
)
REVIEWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Judgement.JUSTIFIED: N_("%(who)s reviewed this episode, and finds it justified."),
        Judgement.UNJUSTIFIED: N_("%(who)s reviewed this episode, and finds it unjustified."),
        Judgement.INCONCLUSIVE: N_("%(who)s reviewed this episode, and cannot tell whether it was justified."),
    }
)
LEFT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "time": N_("Nobody answered in time. Nothing was sent to the site."),
        "restart": N_("guardrail was restarted before anybody answered. Nothing was sent to the site."),
        "memory": N_("Newer questions took its place before anybody answered. Nothing was sent to the site."),
    }
)
OVER: Final[Mapping[EntryKind, str]] = MappingProxyType(
    {
        EntryKind.GRANT_EXPIRED: N_("The leave ended: its time was over."),
        EntryKind.GRANT_USED_UP: N_("The leave ended: it was used up."),
        EntryKind.GRANT_REVOKED: N_("The leave ended: the clinician gave it back."),
    }
)
ENTRIES: Final[Mapping[EntryKind, str]] = MappingProxyType(
    {
        EntryKind.HOLD_OPENED: N_("Stopped"),
        EntryKind.BACKED_OUT: N_("Went back"),
        EntryKind.ABANDONED: N_("Left unanswered"),
        EntryKind.JUSTIFIED: N_("Reason given"),
        EntryKind.ATTESTED: N_("Said: not a client"),
        EntryKind.CONSENT_USED: N_("Said: the client agreed"),
        EntryKind.ACKNOWLEDGED: N_("Warning read"),
        EntryKind.GRANT_ISSUED: N_("Leave given"),
        EntryKind.GRANT_USED: N_("Leave used"),
        EntryKind.GRANT_USED_UP: N_("Leave used up"),
        EntryKind.GRANT_EXPIRED: N_("Leave over"),
        EntryKind.GRANT_REVOKED: N_("Leave given back"),
        EntryKind.DUTY_CREATED: N_("Duty begun"),
        EntryKind.DUTY_DONE: N_("Duty done"),
        EntryKind.DUTY_OVERDUE: N_("Duty late"),
        EntryKind.REFUSED: N_("Refused"),
        EntryKind.REVIEWED: N_("Reviewed"),
        EntryKind.VIEWED: N_("Read"),
        EntryKind.EXPORTED: N_("Exported"),
    }
)

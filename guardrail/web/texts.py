"""The pages' words: which language, which translation, and how a time is written.

English stands in the templates and tables; `locale/<language>/guardrail.po` carries the rest and is
compiled in memory at start, so no build step can be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import Final

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from guardrail.model.action import ActionKind
from guardrail.model.people import Population

LOCALES: Final[Mapping[str, str]] = MappingProxyType({"en": "en_CA", "fr": "fr_CA"})
"""The languages of the pages, the first being the one that stands in for all others."""


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a text for translation, unchanged."""
    return text


DOING: Final[Mapping[ActionKind, str]] = MappingProxyType(
    {
        ActionKind.SEARCH: N_("You were about to search for someone on %(site)s"),
        ActionKind.SUGGEST: N_("You were about to search for someone on %(site)s"),
        ActionKind.VIEW_PROFILE: N_("You were about to look at someone’s profile on %(site)s"),
        ActionKind.CONNECT_REQUEST: N_("You were about to send a contact request on %(site)s"),
        ActionKind.CONNECT_ACCEPT: N_("You were about to accept a contact request on %(site)s"),
        ActionKind.FOLLOW: N_("You were about to follow someone on %(site)s"),
        ActionKind.VIEW_FOLLOWERS: N_("You were about to look at who follows, likes or reacted on %(site)s"),
        ActionKind.REACT: N_("You were about to react to someone’s post on %(site)s"),
        ActionKind.COMMENT: N_("You were about to write a comment on %(site)s"),
        ActionKind.MESSAGE: N_("You were about to write to someone on %(site)s"),
        ActionKind.REVIEW_REPLY: N_("You were about to answer a review on %(site)s"),
        ActionKind.REVIEW_SOLICIT: N_("You were about to ask for a review on %(site)s"),
    }
)

POPULATIONS: Final[Mapping[Population, str]] = MappingProxyType(
    {
        Population.CURRENT: N_("current client"),
        Population.FORMER: N_("former client"),
        Population.PROSPECTIVE: N_("prospective client"),
        Population.CLOSE: N_("person close to a client"),
        Population.PROFESSIONAL: N_("health professional"),
        Population.UNKNOWN: N_("not known to the clinic"),
    }
)

TELLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "linkedin_profile_view": N_("LinkedIn would list you, with your name, among those who viewed the profile."),
        "story_view": N_("The site would show your name in the list of people who watched the story."),
        "connect_notice": N_("The site would notify this person at once, with your name and picture."),
        "follow_notice": N_("The site would notify this person that you follow them."),
        "react_notice": N_("The site would notify this person of your reaction, and others could see it."),
        "message_notice": N_("The message would arrive under your name; a read receipt may follow."),
    }
)

_SITES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "duckduckgo": "DuckDuckGo",
        "linkedin": "LinkedIn",
        "ratemds": "RateMDs",
        "tiktok": "TikTok",
        "youtube": "YouTube",
        "chatgpt": "ChatGPT",
        "mylife": "MyLife",
        "thatsthem": "That’s Them",
        "truepeoplesearch": "TruePeopleSearch",
    }
)


def site_name(site: str) -> str:
    """Give a site's name as people write it: `linkedin` is LinkedIn, `yelp` is Yelp."""
    return _SITES.get(site) or site.replace("_", " ").replace("-", " ").title()


def language_of(accepted: str | None, chosen: str) -> str:
    """Give `en` or `fr`: what is set, or the first of `Accept-Language` (RFC 9110, 12.5.4) that we have."""
    if chosen in LOCALES:
        return chosen
    wishes: list[tuple[float, str]] = []
    for part in (accepted or "")[:1000].split(","):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
        except ValueError:
            continue
        wishes.append((quality, tag.strip().lower().split("-", 1)[0]))
    for quality, language in sorted(wishes, key=lambda wish: -wish[0]):
        if language in LOCALES and quality > 0:
            return language
    return next(iter(LOCALES))


@cache
def translations(language: str) -> NullTranslations:
    """Give the compiled catalogue of `language`; English needs none."""
    source = files("guardrail.web").joinpath("locale", language, "guardrail.po")
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=LOCALES[language]))
    compiled.seek(0)
    return Translations(compiled)


@dataclass(frozen=True, slots=True)
class Times:
    """Times as a person at this workstation reads them: local time zone, the language's own way."""

    language: str

    def time(self, at: datetime) -> str:
        """Give `2:32 p.m.` or `14 h 32`."""
        return format_time(at.astimezone(), "short", locale=LOCALES[self.language], tzinfo=at.astimezone().tzinfo)

    def day(self, at: datetime) -> str:
        """Give weekday, day and month: `Tuesday, March 3`."""
        return format_date(at.astimezone().date(), "full", locale=LOCALES[self.language])

    def iso(self, at: datetime) -> str:
        """Give what scripts and `<time>` read."""
        return at.isoformat()

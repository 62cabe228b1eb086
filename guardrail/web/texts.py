"""The pages' words: what is said of each action, population and site; and which language a browser wishes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from babel.support import NullTranslations

from guardrail.language import LOCALES, N_, Times, catalogue, site_name
from guardrail.model.action import ActionKind
from guardrail.model.people import Population

__all__ = ["DOING", "LOCALES", "N_", "POPULATIONS", "TELLS", "Times", "language_of", "site_name", "translations"]

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


def translations(language: str) -> NullTranslations:
    """Give the compiled catalogue of `language`; English needs none."""
    return catalogue("guardrail.web", language)

"""The languages that guardrail speaks to people: which there are, their translations, and how a time is written.

English stands in code and templates; `locale/<language>/guardrail.po` of a room carries the rest and is compiled in
memory, so no build step can be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import Final

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALES: Final[Mapping[str, str]] = MappingProxyType({"en": "en_CA", "fr": "fr_CA"})
"""The languages, the first being the one that stands in for all others."""

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


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a text for translation, unchanged."""
    return text


def site_name(site: str) -> str:
    """Give a site's name as people write it: `linkedin` is LinkedIn, `yelp` is Yelp."""
    return _SITES.get(site) or site.replace("_", " ").replace("-", " ").title()


@cache
def catalogue(room: str, language: str) -> NullTranslations:
    """Give the compiled catalogue of `room` (a package, such as `guardrail.web`); English needs none."""
    source = files(room).joinpath("locale", language, "guardrail.po")
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=LOCALES[language]))
    compiled.seek(0)
    return Translations(compiled)


@dataclass(frozen=True, slots=True)
class Times:
    """Times as a person reads them: in `zone` (None: this workstation's), the language's own way."""

    language: str
    zone: tzinfo | None = None

    def time(self, at: datetime) -> str:
        """Give `2:32 p.m.` or `14 h 32`."""
        local = self.local(at)
        return format_time(local, "short", locale=LOCALES[self.language], tzinfo=local.tzinfo)

    def day(self, at: datetime) -> str:
        """Give weekday, day, month and year: `Tuesday, March 3, 2026`."""
        return format_date(self.local(at).date(), "full", locale=LOCALES[self.language])

    def iso(self, at: datetime) -> str:
        """Give what scripts and `<time>` read."""
        return at.isoformat()

    def local(self, at: datetime) -> datetime:
        """Give the time in the zone."""
        return at.astimezone(self.zone)

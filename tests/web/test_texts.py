"""The pages speak English and French, completely, and write times as people do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

import guardrail.web
from guardrail.model.action import ActionKind
from guardrail.model.people import Population
from guardrail.web.texts import DOING, LOCALES, POPULATIONS, TELLS, Times, language_of, site_name, translations

ROOM = Path(guardrail.web.__file__).parent
PLACES = re.compile(r"%\(\w+\)s|%\(\w+\)d|<[^>]+>")


def _written() -> set[str | tuple[str, ...]]:
    """Give every message of the room's code and templates."""
    found = extract_from_dir(
        ROOM,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")],
        options_map={"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}},
        keywords={"N_": None, "_": None, "gettext": None, "ngettext": (1, 2)},
    )
    return {message for _file, _line, message, _comments, _context in found}


FRENCH = read_po(
    BytesIO(files("guardrail.web").joinpath("locale", "fr", "guardrail.po").read_bytes()), locale=LOCALES["fr"]
)


def test_every_message_is_there_in_french_and_none_is_left_over() -> None:
    """The French catalogue has exactly the messages that the pages use."""
    there = {message.id for message in FRENCH if message.id}
    assert there == _written()


@pytest.mark.parametrize("message", [message for message in FRENCH if message.id], ids=lambda one: str(one.id)[:40])
def test_a_translation_is_whole(message: object) -> None:
    """Each translation says something, keeps its places and its markup."""
    ids, strings = getattr(message, "id"), getattr(message, "string")  # noqa: B009 - Babel's message has no typed form
    sources = ids if isinstance(ids, tuple) else (ids,)
    targets = strings if isinstance(strings, tuple) else (strings,)
    assert not getattr(message, "fuzzy")  # noqa: B009 - as above
    for source, target in zip(sources, targets, strict=True):
        assert target.strip()
        assert sorted(PLACES.findall(source)) == sorted(PLACES.findall(target))


def test_every_action_and_population_has_its_words() -> None:
    """No action and no population is without a sentence."""
    assert set(DOING) == set(ActionKind)
    assert set(POPULATIONS) == set(Population)
    assert all(translations("fr").gettext(text) != text for text in (*DOING.values(), *TELLS.values()))


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        (None, "auto", "en"),
        ("", "auto", "en"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "auto", "fr"),
        ("en-CA,fr;q=0.9", "auto", "en"),
        ("de,fr;q=0.3,en;q=0.7", "auto", "en"),
        ("de,es", "auto", "en"),
        ("fr;q=0,en;q=0.1", "auto", "en"),
        ("fr;q=often", "auto", "en"),
        ("en", "fr", "fr"),
        ("fr", "en", "en"),
    ],
)
def test_language(accepted: str | None, chosen: str, language: str) -> None:
    """The setting decides, else the browser's first wish that we can fulfil."""
    assert language_of(accepted, chosen) == language


@settings(deadline=None)
@given(st.text())
def test_any_wish_has_a_language(accepted: str) -> None:
    """No header breaks the choice."""
    assert language_of(accepted, "auto") in LOCALES


def test_times() -> None:
    """Times stand in the local zone, in the language's own way."""
    at = datetime(2026, 3, 3, 22, 32, tzinfo=UTC)
    local = at.astimezone()
    assert Times("fr").time(at) == f"{local:%H} h {local:%M}"
    assert f"{local:%M}" in Times("en").time(at)
    assert "2026" in Times("en").day(at)
    assert datetime.fromisoformat(Times("en").iso(at)) == at


@pytest.mark.parametrize(
    ("site", "name"), [("linkedin", "LinkedIn"), ("x", "X"), ("google-business", "Google Business")]
)
def test_site_names(site: str, name: str) -> None:
    """Sites are called what people call them."""
    assert site_name(site) == name

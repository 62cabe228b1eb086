"""What a person typed into a form, read into the words of the house, or the list of what to correct.

Pure: fields in, an answer or mistakes out. A field's name is its `id` on the page, so a mistake can be
linked to its place. Codes that the policy's form does not have count as not answered.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from guardrail.model.hold import Attestation, Consent, Justification, MeansTried
from guardrail.policy.terms import AttestationForm, CodedReason, ConsentForm, CrisisForm
from guardrail.web.texts import N_

type Fields = Mapping[str, str]

SHORT = 500
"""Characters of a note, or of when a means was tried; a longer one is refused, not cut."""

MISSING = N_("Choose one of these.")
TICK = N_("Tick this to go on.")
WHEN = N_("Say when you tried this.")
ONE_LINE = N_("Say in one line what happened.")
WORDS = N_("Write at least %(least)s characters; there are %(have)s.")
TOO_LONG = N_("Keep this under %(most)s characters; there are %(have)s.")
MEANS = N_("Tick what you tried, or that there is no time.")
DATE = N_("Give the date as year, month and day, today or later.")
CHECK = N_("Check this answer.")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One answer to correct: the field that it stands beside, an English message to translate, its figures."""

    field: str
    message: str
    figures: Mapping[str, int] = dataclasses.field(default_factory=dict)


def read_crisis(form: CrisisForm, fields: Fields, today: date) -> Justification | tuple[Mistake, ...]:
    """Read the crisis form, by its fast way (`speed=fast`) or in full."""
    fast = fields.get("speed") != "full"
    mistakes: list[Mistake] = []
    danger = _coded("danger", form.danger, fields, mistakes)
    purpose = _coded("purpose", form.purposes, fields, mistakes)
    no_time = form.no_time is not None and "no_time" in fields
    means = () if no_time else _means(form.means, fields, mistakes, fast=fast)
    line, story = _text(fields, "line"), _text(fields, "narrative")
    if fast:
        narrative = line
        _bounded("line", line, form.fast_line_max, mistakes)
        if not line:
            mistakes.append(Mistake("line", ONE_LINE))
    else:
        narrative = "\n\n".join(part for part in (line, story) if part)
        _bounded("line", line, form.fast_line_max, mistakes)
        if len(narrative) < form.narrative_min:
            figures = {"least": form.narrative_min, "have": len(narrative)}
            mistakes.append(Mistake("narrative", WORDS, figures))
        else:
            _bounded("narrative", narrative, form.narrative_max, mistakes)
        if "duty_accepted" not in fields:
            mistakes.append(Mistake("duty_accepted", TICK))
    # On the fast way a date that cannot be used costs nobody a second try: the duty stands without it.
    meeting = _date("next_meeting", fields, today, [] if fast else mistakes)
    if mistakes:
        return tuple(mistakes)
    return Justification(
        danger=danger,
        means=means,
        no_time=no_time,
        purpose=purpose,
        narrative=narrative,
        fast=fast,
        duty_accepted=True,  # on the fast way the button's own words accept it
        next_meeting=meeting,
    )


def read_attestation(form: AttestationForm, fields: Fields) -> Attestation | tuple[Mistake, ...]:
    """Read `this is not my client`."""
    mistakes: list[Mistake] = []
    reason = _coded("reason", form.reasons, fields, mistakes)
    note = _text(fields, "note")
    _bounded("note", note, SHORT, mistakes)
    return tuple(mistakes) or Attestation(reason, note)


def read_consent(form: ConsentForm, fields: Fields) -> Consent | tuple[Mistake, ...]:
    """Read `the client agreed`: both statements must be ticked."""
    mistakes = [Mistake(name, TICK) for name in ("in_session", "agreed") if name not in fields]
    purpose = _coded("agreed_purpose", form.purposes, fields, mistakes)
    return tuple(mistakes) or Consent(purpose, in_session=True, agreed=True)


def read_text(fields: Fields, least: int, most: int) -> str | tuple[Mistake, ...]:
    """Read a duty's text, of `least` to `most` characters."""
    text = _text(fields, "text")
    mistakes: list[Mistake] = []
    if len(text) < least:
        mistakes.append(Mistake("text", WORDS, {"least": least, "have": len(text)}))
    _bounded("text", text, most, mistakes)
    return tuple(mistakes) or text


def _text(fields: Fields, name: str) -> str:
    # Browsers send CRLF, and a null would be refused by databases further down.
    return fields.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()


def _coded(name: str, choices: Sequence[CodedReason], fields: Fields, mistakes: list[Mistake]) -> str:
    code = fields.get(name, "")
    if code not in {choice.code for choice in choices}:
        mistakes.append(Mistake(name, MISSING))
    return code


def _means(
    choices: Sequence[CodedReason], fields: Fields, mistakes: list[Mistake], *, fast: bool
) -> tuple[MeansTried, ...]:
    tried = []
    for choice in choices:
        if f"means.{choice.code}" not in fields:
            continue
        name = f"when.{choice.code}"
        when = _text(fields, name)
        if not when and not fast:  # on the fast way the narrative that is owed will say when
            mistakes.append(Mistake(name, WHEN))
        _bounded(name, when, SHORT, mistakes)
        tried.append(MeansTried(choice.code, when))
    if not tried:
        mistakes.append(Mistake("means", MEANS))
    return tuple(tried)


def _bounded(name: str, text: str, most: int, mistakes: list[Mistake]) -> None:
    if len(text) > most:
        mistakes.append(Mistake(name, TOO_LONG, {"most": most, "have": len(text)}))


def _date(name: str, fields: Fields, today: date, mistakes: list[Mistake]) -> date | None:
    text = _text(fields, name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day < today:
        mistakes.append(Mistake(name, DATE))
        return None
    return day

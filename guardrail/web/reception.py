"""What every page works with, and the steps that all of them begin with: who asks, in which language, by which form."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from guardrail.errors import LedgerUnavailableError
from guardrail.holds.desk import Desk
from guardrail.model.people import Clinician
from guardrail.policy.terms import Policy
from guardrail.settings import Settings
from guardrail.web.render import Pages
from guardrail.web.security import Tokens, clinician_of, from_our_own_page
from guardrail.web.texts import N_, language_of

FORM_BYTES = 512 * 1024
"""Bytes of a posted form: a narrative of 20,000 characters, each percent-encoded in up to twelve bytes."""

_FIELDS = 64
_LOG = structlog.get_logger(__name__)


class RefusedFormError(Exception):
    """A form that is not ours, or not this clinician's; `reason` is the stable code that the ledger keeps."""

    def __init__(self, reason: str, hold: str | None = None) -> None:
        """Take the code, and the hold that it was about."""
        super().__init__(reason)
        self.reason = reason
        self.hold = hold


@dataclass(frozen=True, slots=True)
class Reception:
    """The parts that the pages share."""

    desk: Desk
    policy: Callable[[], Policy]
    settings: Settings
    pages: Pages
    tokens: Tokens
    watches: Callable[[str], bool]

    def clinician(self, request: Request) -> Clinician:
        """Give who acts, as the proxy says."""
        return clinician_of(request.headers)

    def language(self, request: Request) -> str:
        """Give the language of the answer."""
        return language_of(request.headers.get("accept-language"), self.settings.language)

    def today(self) -> date:
        """Give the workstation's own date, for dates that a person types."""
        return datetime.now().astimezone().date()

    async def form(self, request: Request, about: str, hold: str | None = None) -> Mapping[str, str]:
        """Give the fields of a posted form about `about`, the last of two equal names.

        Raise RefusedFormError where another site sent it or its token is not this clinician's for `about`;
        `hold` is the hold to name in the record (never an id that nobody has checked).
        """
        if not from_our_own_page(request.headers):
            raise RefusedFormError("form_from_another_site", hold)
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > FORM_BYTES:
            raise HTTPException(413)
        form = await request.form(max_files=0, max_fields=_FIELDS, max_part_size=FORM_BYTES)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        if not self.tokens.accepts(fields.get("token", ""), self.clinician(request), about):
            raise RefusedFormError("forged_form", hold)
        request.state.fields = fields
        return fields

    def answer(
        self, request: Request, template: str, *, status: int = 200, ancestors: str | None = None, **context: Any
    ) -> Response:
        """Give a page in the reader's language, with the clinic's name."""
        clinic = self.policy().clinic
        shared = {"clinic": clinic, "mistakes": (), "settings": self.settings}
        return self.pages.answer(
            template,
            self.language(request),
            {**shared, **context},
            status=status,
            ancestors=ancestors,
            leaves=request.url.path.startswith("/hold/"),
        )

    def calm(self, request: Request, status: int, title: str, words: str) -> Response:
        """Give a short page that says what happened and that nothing was sent. Both texts are English msgids."""
        return self._calm(request, status, {"title": title, "words": words, "incident": None, "again": None})

    async def refuse(self, request: Request, error: Exception) -> Response:
        """Write a refused form down and say so calmly (the handler of RefusedFormError)."""
        if not isinstance(error, RefusedFormError):
            raise error
        try:
            await self.desk.refused(error.reason, self.clinician(request), hold=error.hold)
        except LedgerUnavailableError as unavailable:
            return await self.unavailable(request, unavailable)
        return self.calm(
            request,
            403,
            N_("This form was not accepted"),
            N_("It did not come from the page that guardrail opened for you. Go back to the site and start again."),
        )

    async def unavailable(self, request: Request, error: Exception) -> Response:
        """Say that the ledger cannot be written now, keep what was typed, and offer to try again (503)."""
        kept: Mapping[str, str] = getattr(request.state, "fields", {})
        context = {
            "title": N_("guardrail cannot write this down right now"),
            "words": N_("Nothing goes on unrecorded. Try again in a moment; if this stays, tell your IT."),
            "incident": logged_incident(error),
            "again": (request.url.path, tuple(kept.items())),
        }
        return self._calm(request, 503, context)

    def failed(self, request: Request, incident: str) -> Response:
        """Say that guardrail itself failed (500); what was posted may be on the ledger, so it is not sent again."""
        context = {
            "title": N_("Something went wrong in guardrail"),
            "words": N_("Go back to the site and start again; if this stays, tell your IT."),
            "incident": incident,
            "again": None,
        }
        return self._calm(request, 500, context)

    def _calm(self, request: Request, status: int, context: Mapping[str, Any]) -> Response:
        # Any page may frame these within the overlay: they say nothing about anybody, and without them
        # the overlay would be an empty box.
        ancestors = "https:" if request.url.path.startswith("/overlay/") else None
        return self.answer(request, "calm.html", status=status, ancestors=ancestors, parent="", **context)


def logged_incident(error: Exception) -> str:
    """Give a new incident's id, and log it with the kind of error and its place: its text may quote what was typed."""
    incident = secrets.token_hex(4)
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in place]
    _LOG.error("page_failed", incident=incident, error=type(error).__name__, where=where)
    return incident

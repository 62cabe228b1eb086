"""The clinician's own page: what they may do now, what they owe, and what is recorded about them."""

from __future__ import annotations

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from guardrail.errors import HoldError
from guardrail.model.hold import Duty, Grant
from guardrail.policy.terms import CodedReason, Policy, Text
from guardrail.web.answers import SHORT, Mistake, read_text
from guardrail.web.reception import Reception
from guardrail.web.security import see_other
from guardrail.web.texts import DOING

_NOTICE = "notice"
_OUTCOME_LEAST = 10
_OUTCOME_MOST = 20_000


class OwnPage:
    """`/` and the forms on it."""

    def __init__(self, reception: Reception) -> None:
        """Take the shared parts."""
        self._at = reception

    async def show(self, request: Request) -> Response:
        """GET: grants, duties, and what is recorded."""
        return self._page(request)

    async def acknowledge(self, request: Request) -> Response:
        """POST `/notice`: the notice was read."""
        await self._at.form(request, _NOTICE)
        await self._at.desk.acknowledge_notice(self._at.clinician(request))
        return see_other("/")

    async def revoke(self, request: Request) -> Response:
        """POST: end a grant now; one that is over already stays over."""
        grant_id = request.path_params["id"]
        await self._at.form(request, grant_id)
        with suppress(HoldError):
            await self._at.desk.revoke(grant_id, self._at.clinician(request))
        return see_other("/")

    async def complete(self, request: Request) -> Response:
        """POST: write down what a duty asks for."""
        duty_id = request.path_params["id"]
        fields = await self._at.form(request, duty_id)
        clinician = self._at.clinician(request)
        duty = next((duty for duty in self._at.desk.duties(clinician) if duty.id == duty_id), None)
        if duty is None:
            return see_other("/")
        least, most = _lengths(self._at.policy(), duty)
        text = read_text(fields, least, most)
        if isinstance(text, tuple):
            return self._page(request, duty_id, fields.get("text", ""), text)
        with suppress(HoldError):
            await self._at.desk.complete(duty_id, clinician, text)
        return see_other("/")

    def _page(
        self, request: Request, wrong: str | None = None, typed: str = "", mistakes: tuple[Mistake, ...] = ()
    ) -> Response:
        at, clinician = self._at, self._at.clinician(request)
        policy, language = at.policy(), at.language(request)

        def token(about: str) -> str:
            return at.tokens.token(clinician, about)

        grants = [(grant, _purpose(policy, grant)) for grant in at.desk.grants(clinician)]
        duties = [(duty, policy.duties.get(duty.kind), *_lengths(policy, duty)) for duty in at.desk.duties(clinician)]
        return at.answer(
            request,
            "own.html",
            status=422 if mistakes else 200,
            clinician=clinician,
            acknowledged=at.desk.has_acknowledged(clinician),
            grants=grants,
            quiet=at.desk.quiet(clinician),
            duties=duties,
            doing=DOING,
            token=token,
            say=lambda text: policy.say(text, language),
            today=at.today(),
            wrong=wrong,
            typed=typed,
            mistakes=tuple(Mistake(f"text.{wrong}", one.message, one.figures) for one in mistakes),
        )


def _lengths(policy: Policy, duty: Duty) -> tuple[int, int]:
    """Give the least and most characters of a duty's text: the narrative by its form, a meeting's note is optional."""
    if duty.kind == "narrative":
        forms = policy.forms.values()
        return min(form.narrative_min for form in forms), max(form.narrative_max for form in forms)
    terms = policy.duties.get(duty.kind)
    if terms is not None and terms.at_next_meeting:
        return 0, SHORT
    return _OUTCOME_LEAST, _OUTCOME_MOST


def _purpose(policy: Policy, grant: Grant) -> Text | None:
    """Give the label of a grant's coded purpose; None for a code that no form has any more."""
    coded: list[CodedReason] = [*policy.consent.purposes, *policy.attestation.reasons]
    for form in policy.forms.values():
        coded.extend(form.purposes)
    return next((reason.label for reason in coded if reason.code == grant.purpose), None)

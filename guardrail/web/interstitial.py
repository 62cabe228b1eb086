"""The page of a hold: what was about to happen, what stands against it, the way back, and the ways on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from guardrail.errors import HoldError
from guardrail.holds.duties import NARRATIVE
from guardrail.model.hold import Attestation, Consent, Hold, HoldState, Justification
from guardrail.policy.terms import CrisisForm, Policy
from guardrail.web.answers import CHECK, Fields, Mistake, read_attestation, read_consent, read_crisis
from guardrail.web.reception import Reception, RefusedFormError
from guardrail.web.security import ORIGIN, host_of, page_origin, see_other, web_origin
from guardrail.web.texts import DOING, N_, POPULATIONS, TELLS


class Interstitial:
    """The hold's page at `/hold/{id}`, and the same within the site's page at `/overlay/{id}`."""

    def __init__(self, reception: Reception) -> None:
        """Take the shared parts."""
        self._at = reception

    async def show(self, request: Request) -> Response:
        """GET: the notice before anything else, then the question, then how it was answered."""
        hold = await self._hold(request)
        return hold if isinstance(hold, Response) else self._page(request, hold)

    async def done(self, request: Request) -> Response:
        """GET `/hold/{id}/done`: where one lands after going back from a page that was opened by itself."""
        return self._at.calm(request, 200, N_("Nothing was sent"), N_("You went back. You can close this tab."))

    async def step(self, request: Request) -> Response:
        """POST: one step, made once however often it is sent."""
        hold, step = await self._hold(request), request.path_params["step"]
        if isinstance(hold, Response):
            return hold
        fields = await self._at.form(request, hold.id, hold.id)
        try:
            outcome = await self._take(hold, step, fields)
        except HoldError as error:
            outcome = await self._declined(hold, step, fields, error)
        if isinstance(outcome, tuple):
            return self._page(request, hold, step, fields, outcome)
        return self._after(request, outcome, step)

    async def _take(self, hold: Hold, step: str, fields: Fields) -> Hold | tuple[Mistake, ...]:
        """Make the step at the desk: give the hold as it then stands, or what to correct first."""
        desk, who = self._at.desk, hold.clinician
        if step == "back":
            return await desk.back_out(hold.id, who)
        if step == "notice":
            await desk.acknowledge_notice(who, hold.id)
        if step == "notice" or not desk.has_acknowledged(who):
            return hold
        if hold.state is HoldState.OPEN and step not in desk.ways_on(hold):
            raise RefusedFormError("not_offered", hold.id)
        match self._read(hold, step, fields):
            case Justification() as answers:
                answering = desk.justify(hold.id, who, answers)
            case Attestation() as answers:
                answering = desk.attest(hold.id, who, answers)
            case Consent() as answers:
                answering = desk.consent(hold.id, who, answers)
            case None:
                answering = desk.acknowledge(hold.id, who)
            case mistakes:
                return mistakes
        return await answering

    def _read(
        self, hold: Hold, step: str, fields: Fields
    ) -> Justification | Attestation | Consent | tuple[Mistake, ...] | None:
        policy = self._at.policy()
        match step:
            case "crisis":
                return read_crisis(self._crisis_form(hold), fields, self._at.today())
            case "attest":
                return read_attestation(policy.attestation, fields)
            case "consent":
                return read_consent(policy.consent, fields)
            case "acknowledge":
                return None
            case _:
                raise HTTPException(404)

    async def _declined(self, hold: Hold, step: str, fields: Fields, error: HoldError) -> Hold | tuple[Mistake, ...]:
        """Say what stands after the desk has declined: what to correct, or how the hold ended meanwhile."""
        if error.problems:
            return tuple(Mistake(_field(step, name, fields), CHECK) for name in error.problems)
        now = await self._at.desk.hold(hold.id, hold.clinician)
        return replace(now, state=HoldState.ABANDONED) if now.state is HoldState.OPEN else now

    async def _hold(self, request: Request) -> Hold | Response:
        """Give this clinician's hold; an unknown one, or another's, the desk writes down, and we answer calmly."""
        try:
            return await self._at.desk.hold(request.path_params["id"], self._at.clinician(request))
        except HoldError:
            pass
        return self._at.calm(
            request,
            404,
            N_("There is no such question for you"),
            N_("It is over, or it belongs to somebody else. Nothing was sent. Go back to the site and start again."),
        )

    def _after(self, request: Request, hold: Hold, step: str) -> Response:
        here = f"/{_surface(request)}/{hold.id}"
        if hold.state is HoldState.OPEN or _surface(request) == "overlay" or hold.surface == "overlay":
            place = here
        elif hold.state is HoldState.BACKED_OUT:
            place = self._came_from(hold) or f"{here}/done"
        elif hold.state is HoldState.ABANDONED or step == "back":
            place = here  # answered meanwhile, in another tab: whoever presses `go back` is not sent on
        else:
            place = hold.request.url
        return see_other(place)

    def _came_from(self, hold: Hold) -> str | None:
        """Give the page where the link stood, if it is one that we may send somebody to."""
        referer = hold.request.header("referer") or ""
        origin = web_origin(referer)
        if origin is None or origin == ORIGIN or referer == hold.request.url:
            return None
        host = host_of(origin)
        same_site = host == hold.request.host
        # Across sites browsers cut the referrer to the origin; the front page is not where the person was.
        if not same_site and referer.rstrip("/") == origin:
            return None
        return referer if same_site or self._at.watches(host) else None

    def _crisis_form(self, hold: Hold) -> CrisisForm:
        forms, rule = self._at.policy().forms, hold.decision.rule
        wanted = rule.form if rule is not None else None
        return forms.get(wanted or "") or next(iter(forms.values()))

    def _framing(self, hold: Hold) -> str:
        """Say which page may frame a hold: the one that it was opened for, if that is a watched site's."""
        origin = page_origin(hold.request)
        return origin if self._at.watches(host_of(origin)) else "'none'"

    def _page(
        self,
        request: Request,
        hold: Hold,
        way: str | None = None,
        fields: Mapping[str, str] | None = None,
        mistakes: tuple[Mistake, ...] = (),
    ) -> Response:
        at, surface = self._at, _surface(request)
        context: dict[str, Any] = {
            "hold": hold,
            "here": f"/{surface}/{hold.id}",
            "token": at.tokens.token(hold.clinician, hold.id),
            "parent": page_origin(hold.request),
            "doing": DOING[hold.action.kind],
        }
        ancestors = self._framing(hold) if surface == "overlay" else None
        if hold.state is not HoldState.OPEN:
            grant = at.desk.grant(hold.grant_id, hold.clinician)
            kept = (one for one in at.desk.quiet(hold.clinician) if one.hold_id == hold.id)
            return at.answer(
                request, "settled.html", ancestors=ancestors, **context, grant=grant, quiet=next(kept, None)
            )
        if not at.desk.has_acknowledged(hold.clinician):
            return at.answer(request, "notice.html", ancestors=ancestors, **context)
        policy, language = at.policy(), at.language(request)
        match, rule = hold.decision.match, hold.decision.rule
        form = self._crisis_form(hold)
        wanted = [policy.duties[duty] for duty in (rule.duties if rule else ()) if duty in policy.duties]
        duties = [duty for duty in wanted if duty.id != NARRATIVE]
        return at.answer(
            request,
            "hold.html",
            status=422 if mistakes else 200,
            ancestors=ancestors,
            **context,
            rule=_rule_texts(hold, policy, language),
            policy=policy,
            say=lambda text: policy.say(text, language),
            match=match,
            population=POPULATIONS[match.population] if match else None,
            tells=TELLS.get(hold.action.tells or ""),
            ways=at.desk.ways_on(hold),
            quiet_days=at.desk.quiet_days(hold),
            form=form,
            tried={f"when.{means.code}": policy.say(means.label, language) for means in form.means},
            duties=duties,
            owed=[policy.say(duty.label, language) for duty in duties],
            contact=at.settings.emergency_contacts.get(match.client_ref) if match else None,
            today=at.today().isoformat(),
            way=way,
            fields=fields or {},
            mistakes=mistakes,
        )


def _field(step: str, name: str, fields: Fields) -> str:
    """Give the page's field for a field of the desk: two answers go by other names here."""
    if step == "consent" and name == "purpose":
        return "agreed_purpose"
    if step == "crisis" and name == "narrative" and fields.get("speed") != "full":
        return "line"
    return name


def _surface(request: Request) -> str:
    return "overlay" if request.url.path.startswith("/overlay/") else "hold"


def _rule_texts(hold: Hold, policy: Policy, language: str) -> Mapping[str, str] | None:
    """Give the rule's words; None where it has left the policy since, or a rule failed and ours stands in for it."""
    rule = hold.decision.rule
    try:
        rule_id = rule.id if rule is not None else ""
        return {what: policy.text(rule_id, what, language) for what in ("title", "clause", "sentence", "code_reason")}
    except KeyError:
        return None

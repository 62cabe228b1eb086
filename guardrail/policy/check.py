"""What the keys of rules.yaml must agree on among themselves: references, languages, verdicts with their forms.

The shape itself is schema.py's. Every complaint is a Problem with its place; all are found in one run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from pydantic import BaseModel

from guardrail.errors import Problem
from guardrail.model.action import ActionKind
from guardrail.model.decision import Scope
from guardrail.policy.compile import FALLBACK_ID
from guardrail.policy.diagnose import nearest, place_in_file
from guardrail.policy.schema import RulePart, RulesFile, SiteAccountsPart, StrengthName, SubjectName, TextPart
from guardrail.policy.schema import VerdictName as V
from guardrail.policy.terms import Offer
from guardrail.strict_yaml import Document, KeyPath

FIND_ACTIONS = frozenset({ActionKind.SEARCH, ActionKind.SUGGEST, ActionKind.VIEW_PROFILE})
"""What a grant of scope `find` covers, on every watched site."""

ONCE_ONLY = frozenset(
    {
        ActionKind.CONNECT_REQUEST,
        ActionKind.CONNECT_ACCEPT,
        ActionKind.FOLLOW,
        ActionKind.REACT,
        ActionKind.COMMENT,
        ActionKind.MESSAGE,
        ActionKind.REVIEW_REPLY,
        ActionKind.REVIEW_SOLICIT,
    }
)
"""What leaves a trace that others see: a grant for it counts its uses."""

_SUGGESTION_VERDICTS = frozenset({V.ALLOW, V.NOTE, V.SILENCE})

type _Complaint = tuple[KeyPath, str, str | None]


def check_rules(file: RulesFile, document: Document) -> tuple[Problem, ...]:
    """Give every Problem of a file whose shape is right, in the order of the file."""
    complaints = chain(
        _texts(file), _equal_names(file), _sites(file), _accounts(file), _grants(file), _rules(file), _trials(file)
    )
    return tuple(sorted((document.problem(*complaint) for complaint in complaints), key=place_in_file))


def known_sites(file: RulesFile) -> frozenset[str]:
    """Give every site that a group of the file names."""
    return frozenset(chain.from_iterable(file.site_groups.values()))


def _texts(file: RulesFile) -> Iterator[_Complaint]:
    for path, text in _walk(file, ()):
        for language in file.languages:
            if language not in text.root:
                yield path, f"the text `{path[-1]}` is missing in `{language}`", f"add `{language}: …`"
        for language in text.root:
            if language not in file.languages:
                yield (*path, language), f"the language `{language}` is not in `languages`", "add it there"


def _walk(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, TextPart]]:
    if isinstance(value, TextPart):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _walk(item, (*path, at))


def _equal_names(file: RulesFile) -> Iterator[_Complaint]:
    yield from _twice([rule.id for rule in file.rules], lambda at: ("rules", at, "id"), "the rule")
    for at, rule in enumerate(file.rules):
        if rule.id == FALLBACK_ID:
            yield ("rules", at, "id"), f"the id `{FALLBACK_ID}` is taken by the product itself", "choose another"
    for form_id, form in file.forms.items():
        for part, reasons in (("danger", form.danger), ("means", form.means), ("purposes", form.purposes)):
            codes = [reason.code for reason in reasons]
            yield from _twice(codes, _code_places(("forms", form_id, part)), "the code")
    codes = [reason.code for reason in file.attestation.reasons]
    yield from _twice(codes, _code_places(("attestation", "reasons")), "the code")
    codes = [reason.code for reason in file.consent.purposes]
    yield from _twice(codes, _code_places(("consent", "purposes")), "the code")


def _code_places(path: KeyPath) -> Callable[[int], KeyPath]:
    return lambda at: (*path, at, "code")


def _twice(names: Sequence[str], place: Callable[[int], KeyPath], what: str) -> Iterator[_Complaint]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield place(at), f"{what} `{name}` stands twice", "give one of them another name"


def _sites(file: RulesFile) -> Iterator[_Complaint]:
    sites = known_sites(file)
    for group in file.site_groups:
        if group in sites:
            yield ("site_groups", group), f"`{group}` is the name of a site and of a group", "rename the group"
    for part, names in (("accounts", file.accounts), ("colleagues", file.colleagues)):
        for site in names:
            if site not in sites:
                yield (part, site), f"the site `{site}` is in no group of `site_groups`", nearest(site, sorted(sites))
    for at, rule in enumerate(file.rules):
        for place, site in enumerate(rule.when.sites or ()):
            if site not in sites and site not in file.site_groups:
                hint = nearest(site, [*file.site_groups, *sorted(sites)])
                yield ("rules", at, "when", "sites", place), f"`{site}` is neither a site nor a group of sites", hint


def _accounts(file: RulesFile) -> Iterator[_Complaint]:
    for site, ours in file.accounts.items():
        for key in sorted(_keys(ours, "clinic_page") & _keys(ours, "professional")):
            yield (
                ("accounts", site, "professional"),
                f"`{key}` is a clinic page and a professional account",
                "keep it in one of the two",
            )


def _keys(ours: SiteAccountsPart, which: str) -> frozenset[str]:
    part = ours.clinic_page if which == "clinic_page" else ours.professional
    return frozenset((*part.ids, *part.handles))


def _grants(file: RulesFile) -> Iterator[_Complaint]:
    if file.attestation.grant.scope is not Scope.ACTION:
        yield ("attestation", "grant", "scope"), "an attestation is about one person: its scope is `action`", None


def _trials(file: RulesFile) -> Iterator[_Complaint]:
    sites, rules = known_sites(file), [rule.id for rule in file.rules]
    for at, trial in enumerate(file.tests):
        if trial.site not in sites:
            yield ("tests", at, "site"), f"the site `{trial.site}` is in no group", nearest(trial.site, sorted(sites))
        if trial.rule is not None and trial.rule not in rules:
            yield ("tests", at, "rule"), f"there is no rule `{trial.rule}`", nearest(trial.rule, rules)
        if trial.subject is SubjectName.ANYONE:
            yield ("tests", at, "subject"), "a test needs one subject, not `anyone`", "write `unknown`"


def _rules(file: RulesFile) -> Iterator[_Complaint]:
    for at, rule in enumerate(file.rules):
        path: KeyPath = ("rules", at)
        for tail, what, hint in chain(_references(file, rule), _condition(rule), _way_on(rule), _grant(rule)):
            yield (*path, *tail), what, hint


def _references(file: RulesFile, rule: RulePart) -> Iterator[_Complaint]:
    if rule.form is not None and rule.form not in file.forms:
        yield ("form",), f"there is no form `{rule.form}`", nearest(rule.form, file.forms)
    for place, duty in enumerate(rule.duties):
        if duty not in file.duties:
            yield ("duties", place), f"there is no duty `{duty}`", nearest(duty, file.duties)


def _condition(rule: RulePart) -> Iterator[_Complaint]:
    when = rule.when
    if SubjectName.ANYONE in when.subjects and len(when.subjects) > 1:
        yield ("when", "subjects"), "`anyone` says all", "leave the others out"
    only_suggests = set(when.actions) == {ActionKind.SUGGEST}
    if ActionKind.SUGGEST in when.actions and rule.verdict not in _SUGGESTION_VERDICTS:
        what = f"a suggestion cannot be answered with `{rule.verdict}`: there is no page to show"
        yield ("verdict",), what, "give `suggest` a rule of its own with `silence`"
    if rule.verdict is V.SILENCE and not only_suggests:
        yield ("verdict",), "`silence` is for suggestions alone", "use `warn`, `justify` or `block`"
    if when.strength is StrengthName.PREFIX and not only_suggests:
        yield ("when", "strength"), "`prefix` is for suggestions alone: a beginning is not a name", "use `weak`"


def _way_on(rule: RulePart) -> Iterator[_Complaint]:
    if rule.verdict is V.BLOCK and rule.code_reason is None:
        yield (
            ("verdict",),
            "`block` needs `code_reason`",
            "say which code forbids it: nobody is stopped without a reason",
        )
    if rule.verdict is not V.JUSTIFY:
        if rule.offers:
            shown = "an acknowledgement only" if rule.verdict is V.WARN else "no way on"
            yield ("offers",), f"`offers` is for `justify`; `{rule.verdict}` shows {shown}", "leave it out"
        return
    if not rule.offers:
        yield (), "`justify` needs `offers`", nearest("", [o for o in Offer if o is not Offer.ACKNOWLEDGE])
    if Offer.ACKNOWLEDGE in rule.offers:
        yield ("offers",), "`acknowledge` is for `warn`", "use `crisis`, `attest` or `consent`"
    if Offer.CRISIS in rule.offers and rule.form is None:
        yield ("offers",), "`crisis` needs `form`", "name a form of `forms`"
    if Offer.CRISIS in rule.offers and rule.grant is None:
        yield ("offers",), "`crisis` needs `grant`", "say what the answers buy: minutes, uses, scope"
    if Offer.CONSENT in rule.offers and not FIND_ACTIONS.issuperset(rule.when.actions):
        yield ("offers",), "`consent` is for searching and viewing", "leave it out"


def _grant(rule: RulePart) -> Iterator[_Complaint]:
    if rule.grant is None:
        return
    lasting = [kind for kind in rule.when.actions if kind in ONCE_ONLY]
    if lasting and rule.grant.uses is None:
        yield ("grant",), f"a grant for `{lasting[0]}` needs `uses`", "add `uses: 1`"
    if rule.grant.scope is Scope.FIND and not FIND_ACTIONS.issuperset(rule.when.actions):
        other = next(kind for kind in rule.when.actions if kind not in FIND_ACTIONS)
        yield ("grant", "scope"), f"the scope `find` does not cover `{other}`", "use `action`"

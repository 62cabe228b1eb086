"""`guardrail rules`: check, explain, try and compare policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli.terminal import ExitCode, out, print_json
from guardrail.errors import PolicyError
from guardrail.model.action import ActionKind
from guardrail.model.people import Account
from guardrail.policy.difference import difference
from guardrail.policy.explain import explain as explain_scene
from guardrail.policy.load import load_policy, try_policy
from guardrail.policy.schema import SubjectName, TrialPart
from guardrail.policy.trial import trial_facts

app = typer.Typer(help="Check, explain, try and compare policies.", no_args_is_help=True, add_completion=False)

RulesFile = Annotated[Path, typer.Argument(help="The policy.", show_default=True)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
DEFAULT = Path("rules.yaml")


@app.command()
def check(file: RulesFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Name everything that is wrong in a policy, with its place and what was meant; exit 1 where something is."""
    try:
        policy = load_policy(file)
    except PolicyError as error:
        for problem in error.problems:
            if as_json:
                place = {"file": str(problem.file), "line": problem.line, "column": problem.column}
                print_json(place | {"what": problem.what, "hint": problem.hint})
            else:
                out.print(str(problem), markup=False)
        raise typer.Exit(ExitCode.FOUND) from None
    if as_json:
        print_json({"file": str(file), "rules": len(policy.rules), "revision": policy.revision})
    else:
        out.print(f"{file}: {len(policy.rules)} rules, revision {policy.revision[:12]}: good")


@app.command("test")
def run_tests(file: RulesFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Run the tests that the policy carries; exit 1 where one fails."""
    _, results = try_policy(file)
    for result in results:
        if as_json:
            print_json({"passed": result.passed, "story": result.story})
        elif not result.passed:
            out.print(f"fails: {result.story}", markup=False)
    failed = sum(not result.passed for result in results)
    if not as_json:
        out.print(f"{len(results) - failed} passed, {failed} failed")
    if failed:
        raise typer.Exit(ExitCode.FOUND)


@app.command()
def explain(
    file: RulesFile = DEFAULT,
    *,
    action: Annotated[ActionKind, typer.Option(help="What the clinician is about to do.")],
    site: Annotated[str, typer.Option(help="On which site, such as `linkedin`.")],
    subject: Annotated[SubjectName, typer.Option(help="Whom it is about.")] = SubjectName.CURRENT,
    account: Annotated[Account, typer.Option(help="As whom the clinician acts.")] = Account.PRIVATE,
    language: Annotated[str, typer.Option(help="The language of the rules' titles.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Say what the policy decides on a scene, by which rules, and which nearly applied."""
    policy = load_policy(file)
    scene = TrialPart.model_validate(
        {"action": action, "site": site, "subject": subject, "account": account, "verdict": "allow"}
    )
    explanation = explain_scene(policy, trial_facts(scene))
    if as_json:
        decision = explanation.decision
        print_json(
            {"verdict": decision.verdict.name.lower(), "rule": decision.rule.id if decision.rule else None}
            | {"applied": [story.rule.id for story in explanation.applied]}
            | {"nearly": [{"rule": story.rule.id, "missing": story.missing[0]} for story in explanation.nearly]}
        )
    else:
        for line in explanation.lines(language):
            out.print(line, markup=False)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The policy that is in force.")],
    new: Annotated[Path, typer.Argument(help="The policy that would replace it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say in words what a new policy changes; exit 1 where it changes something."""
    lines = difference(load_policy(old), load_policy(new))
    for line in lines:
        if as_json:
            print_json({"where": line.where, "before": line.before, "after": line.after, "weaker": line.weaker})
        else:
            out.print(str(line), markup=False)
    if lines:
        raise typer.Exit(ExitCode.FOUND)
    if not as_json:
        out.print("the two policies say the same")

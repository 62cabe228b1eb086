"""Loading: whole or not at all, with every mistake named at its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.errors import PolicyError, Problem
from guardrail.policy.load import load_policy, try_policy

MISHAPS: tuple[Callable[[str], str], ...] = (
    lambda line: line[:0],
    lambda line: line * 2,
    lambda line: line.lstrip(),
    lambda line: line.upper(),
    lambda line: line.replace(": ", ":"),
    lambda line: line.replace('"', "", 1),
    lambda line: line.replace("}", "", 1),
    lambda line: line.replace(": ", ": [", 1),
    lambda line: line.split(":", 1)[0] + ": 7\n",
    lambda line: line.split(":", 1)[0] + ":\n",
)
BROKEN = yaml.safe_load((Path(__file__).parent / "broken.yaml").read_text(encoding="utf-8"))


def problems_or_none(file: Path) -> tuple[Problem, ...]:
    """Give the problems of `file`; none where it loads. Any other error is the test's failure."""
    try:
        load_policy(file)
    except PolicyError as error:
        return error.problems
    return ()


def problems(file: Path) -> list[str]:
    """Give what load_policy says of `file`, each line from the file's bare name."""
    found = problems_or_none(file)
    assert found, "the policy was not refused"
    return [str(problem).removeprefix(f"{file.parent}/") for problem in found]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken["name"].replace(" ", "-"))
def test_each_kind_of_mistake_is_named_with_its_place(broken: dict[str, Any], edit: Callable[..., Path]) -> None:
    """A broken policy is refused with file, line, column, what is wrong and what was meant."""
    assert problems(edit((broken["old"], broken["new"]))) == broken["lines"]


def test_the_table_of_mistakes_keeps_its_size() -> None:
    """Kinds of mistake are added, not lost."""
    assert len(BROKEN) == 62
    assert len({broken["name"] for broken in BROKEN}) == len(BROKEN)


def test_all_mistakes_of_a_kind_are_found_in_one_run(edit: Callable[..., Path]) -> None:
    """Three wrong references give three problems, in the order of the file."""
    file = edit(("form: crisis", "form: crises"), ("duties: [discuss]", "duties: [discus]"), ("[social]", "[scial]"))
    assert [line.split(":")[1] for line in problems(file)] == ["58", "60", "68"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "rules.yaml:1:1: the file is empty"),
        (b"- 1\n", "rules.yaml:1:1: the policy must be `key: value` lines; see docs/policy.md"),
        (b"\xff\xfe", "rules.yaml: cannot read the policy: it is not UTF-8; save it as UTF-8"),
        (b"[" * 5000, "rules.yaml: nested too deeply"),
        (b"rules: {1: 2}", "rules.yaml:1:1: the key `version` is missing; add `version:` here"),
        (
            b"a: !!python/name:os.system x",
            "rules.yaml:1:4: could not determine a constructor for the tag 'tag:yaml.org,2002:python/name:os.system'",
        ),
        (b"a: [1", "rules.yaml:1:6: expected ',' or ']', but got '<stream end>'"),
    ],
)
def test_what_is_no_policy_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """Garbage gives the one error with one line."""
    file = tmp_path / "rules.yaml"
    file.write_bytes(content)
    assert problems(file)[0] == says


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The line says which file and why."""
    said = "rules.yaml: cannot read the policy: No such file or directory; check its path, and who may read it"
    assert problems(tmp_path / "rules.yaml") == [said]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 78), st.sampled_from(MISHAPS)), min_size=1, max_size=3))
def test_a_mishap_while_editing_never_breaks_the_loader(
    tmp_path: Path, small_text: str, mishaps: list[tuple[int, Callable[[str], str]]]
) -> None:
    """Lines lost, doubled or garbled: a policy, or problems of one line each with a place in the file."""
    lines = small_text.splitlines(keepends=True)
    for at, mishap in mishaps:
        lines[at] = mishap(lines[at])
    file = tmp_path / "rules.yaml"
    file.write_text("".join(lines), encoding="utf-8")
    for problem in problems_or_none(file):
        assert "\n" not in str(problem)
        assert problem.line is not None


def test_failing_tests_refuse_the_policy_but_can_be_looked_at(edit: Callable[..., Path]) -> None:
    """`rules test` sees the results of a policy that load_policy refuses."""
    file = edit(("verdict: justify, rule: searching", "verdict: block"))
    assert "this test fails" in problems(file)[0]
    _, results = try_policy(file)
    assert [result.passed for result in results] == [False]


def test_the_shipped_policy_loads(rules_file: Path) -> None:
    """rules.yaml is good as it stands, its own tests included."""
    policy, results = try_policy(rules_file)
    assert len(policy.rules) == 16
    assert len(results) == 27
    assert all(result.passed for result in results), [result.story for result in results if not result.passed]

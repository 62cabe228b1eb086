"""Errors say what happened, where and what to do in one line, and never carry a name."""

from pathlib import Path

import pytest

from guardrail.errors import FileProblemsError, Problem

RULES = Path("rules.yaml")


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem(RULES, 3, 5, "unknown key `verdit`", "did you mean `verdict`?"),
         "rules.yaml:3:5: unknown key `verdit`; did you mean `verdict`?"),
        (Problem(RULES, 3, None, "empty"), "rules.yaml:3: empty"),
        (Problem(RULES, None, None, "cannot be read"), "rules.yaml: cannot be read"),
    ],
)  # fmt: skip
def test_a_problem_reads_as_an_editor_shows_it(problem: Problem, line: str) -> None:
    """File, line, column, what is wrong and what was meant stand in one line."""
    assert str(problem) == line


def test_an_error_with_several_problems_names_the_first_and_counts_the_rest() -> None:
    """One line for people, however long the list is."""
    problems = tuple(Problem(RULES, line, 1, "wrong") for line in (1, 2, 3))
    assert str(FileProblemsError(problems)) == "rules.yaml:1:1: wrong (and 2 more)"
    assert FileProblemsError(problems).problems == problems

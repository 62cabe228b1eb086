"""Strict YAML: what people write is what is read, and what is wrong has a place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from guardrail.errors import Problem
from guardrail.strict_yaml import _LOADERS, Document, _read, problems_of, read_yaml

FILE = Path("some.yaml")


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: no", {"a": "no"}),
        ("a: off", {"a": "off"}),
        ("a: true", {"a": True}),
        ("a: 010", {"a": "010"}),
        ("a: 10", {"a": 10}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: 12:30:00", {"a": "12:30:00"}),
        ("a: 2026-01-01", {"a": "2026-01-01"}),
        ("a:", {"a": None}),
        ("a: ~", {"a": None}),
        ("a: 1.5", {"a": 1.5}),
        ("a: .inf", {"a": ".inf"}),
        ("[x, y]", ["x", "y"]),
    ],
)
def test_scalars_mean_what_they_look_like(text: str, data: object) -> None:
    """YAML 1.1's surprises (`no`, octal, sexagesimal, dates) are text."""
    document = read_yaml(FILE, text)
    assert isinstance(document, Document)
    assert document.data == data


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3", "some.yaml:3:1: the key `a` stands twice; keep one of them"),
        ("", "some.yaml:1:1: the file is empty"),
        ("a: &x 1\nb: *x", "some.yaml:2:4: aliases are not taken here; write it out"),
        ("a: !!python/object:os.system x",
         "some.yaml:1:4: could not determine a constructor for the tag 'tag:yaml.org,2002:python/object:os.system'"),
        ("a: 1\n b: 2", "some.yaml:2:3: mapping values are not allowed here"),
        ("? [a]\n: 1", "some.yaml:1:3: a key must be plain text"),
        ("[" * 100 + "]" * 100, "some.yaml:1:66: nested too deeply"),
        ("[" * 10_000, "some.yaml: nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_not_strict_yaml_is_named_with_its_place(text: str, line: str) -> None:
    """Duplicate keys, aliases, tags that make objects and deep nesting are refused."""
    problem = read_yaml(FILE, text)
    assert isinstance(problem, Problem)
    assert str(problem) == line


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader raise."""
    assert isinstance(read_yaml(FILE, text), Document | Problem)


class _Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    verdict: int


class _Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rules: list[_Inner]


def test_schema_problems_come_in_the_order_of_the_file_with_a_hint() -> None:
    """An unknown key is named with the nearest known one; a missing key with where it belongs."""
    document = read_yaml(FILE, "rules:\n  - verdit: 1\n  - verdict: much\n")
    assert isinstance(document, Document)
    with pytest.raises(ValidationError) as caught:
        _Outer.model_validate(document.data)
    lines = [str(problem) for problem in problems_of(document, caught.value, ("verdict",))]
    assert sorted(lines) == [
        "some.yaml:2:5: the key `verdict` is missing",
        "some.yaml:2:5: unknown key `verdit`; did you mean `verdict`?",
        "some.yaml:3:5: `rules.1.verdict`: input should be a valid integer, unable to parse string as an integer",
    ]


@pytest.mark.parametrize("name", ["rules.yaml", "guardrail/recognise/sites/social/x.yaml"])
def test_every_parser_reads_the_same_at_the_same_places(name: str) -> None:
    """The quick one is libyaml where there is one; only a file that it refuses is read again, for better words."""
    file = Path(__file__).parent.parent / name
    documents = [_read(make, file, file.read_text(encoding="utf-8")) for make in _LOADERS]
    assert all(isinstance(document, Document) and document == documents[0] for document in documents)

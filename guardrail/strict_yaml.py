"""One strict way to read YAML that people write: policy and site files.

PyYAML alone reads `no` as False and `010` as 8 and keeps the last of two equal keys. Here scalars
follow the YAML 1.2 core schema (only true/false are booleans, 010 is text), a duplicate key is an
error, aliases are refused (no "billion laughs"), and every value knows its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from guardrail.errors import Problem

type KeyPath = tuple[str | int, ...]
type Mark = tuple[int, int]

_MAX_DEPTH = 64


class _Strict(Composer, SafeConstructor, Resolver):
    """Plain scalars follow YAML 1.2's core schema, and no alias is taken; where the events come from is left open."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose the next node as PyYAML does, but refuse an alias."""
        parser: Any = self  # the stubs leave these methods without types
        if parser.check_event(yaml.events.AliasEvent):
            mark = parser.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="aliases are not taken here", problem_mark=mark, note="write it out")
        return super().compose_node(parent, index)


_Strict.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$", "-+0123456789"),
):
    _Strict.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
_Strict.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])


class _Plain(_Strict, yaml.SafeLoader):
    """Reads with PyYAML's own parser, whose words for a fault are the better ones."""


_LOADERS: list[type[Any]] = [_Plain]
if yaml.__with_libyaml__:

    class _Quick(_Strict, yaml.CSafeLoader):
        """Reads with libyaml, in half the time."""

        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            Composer.__init__(self)  # the composer that refuses aliases, in place of libyaml's

    _LOADERS.insert(0, _Quick)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file's data and text, and where each value (and each key's value) stands: lines and columns from 1."""

    file: Path
    data: Any
    marks: Mapping[KeyPath, Mark] = field(default_factory=dict)
    text: str = ""

    def problem(self, path: KeyPath, what: str, hint: str | None = None) -> Problem:
        """Give a Problem at the nearest place that is known for `path`."""
        for length in range(len(path), -1, -1):
            mark = self.marks.get(tuple(path[:length]))
            if mark is not None:
                return Problem(self.file, mark[0], mark[1], what, hint)
        return Problem(self.file, None, None, what, hint)


def read_file(file: Path, what: str, see: str | None = None) -> Document | Problem:
    """Read a file that must be `key: value` lines; give its first Problem, in which `what` names it (`the policy`).

    `see` says where the keys are explained.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        return Problem(file, None, None, f"cannot read {what}: {error.strerror}", "check its path, and who may read it")
    except UnicodeDecodeError:
        return Problem(file, None, None, f"cannot read {what}: it is not UTF-8", "save it as UTF-8")
    document = read_yaml(file, text)
    if isinstance(document, Document) and not isinstance(document.data, dict):
        return document.problem((), f"{what} must be `key: value` lines", see)
    return document


def read_yaml(file: Path, text: str) -> Document | Problem:
    """Read `text`, which stands in `file`; give the first Problem where it is not strict YAML."""
    *quick, last = _LOADERS
    for make in quick:
        read = _read(make, file, text)
        if isinstance(read, Document):
            return read
    return _read(last, file, text)


def _read(make: type[Any], file: Path, text: str) -> Document | Problem:
    marks: dict[KeyPath, Mark] = {}
    loader = None
    try:
        loader = make(text)
        node = loader.get_single_node()
        if node is None:
            return Problem(file, 1, 1, "the file is empty")
        data = _build(loader, node, (), marks, 0)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        return Problem(file, line, column, (error.problem or "not valid YAML").strip(), error.note)
    except yaml.YAMLError as error:
        return Problem(file, None, None, f"not valid YAML: {str(error).splitlines()[0]}")
    except RecursionError:  # PyYAML's own parser recurses, before our limit can speak
        return Problem(file, None, None, "nested too deeply")
    except ValueError as error:
        return Problem(file, None, None, str(error))
    finally:
        if loader is not None:
            loader.dispose()
    return Document(file, data, marks, text)


def _build(loader: Any, node: yaml.Node, path: KeyPath, marks: dict[KeyPath, Mark], depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=node.start_mark)
    marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be plain text", problem_mark=key_node.start_mark)
            key = key_node.value
            if key in out:
                raise yaml.MarkedYAMLError(
                    problem=f"the key `{key}` stands twice", problem_mark=key_node.start_mark, note="keep one of them"
                )
            out[key] = _build(loader, value_node, (*path, key), marks, depth + 1)
            marks[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, item, (*path, at), marks, depth + 1) for at, item in enumerate(node.value)]
    return loader.construct_object(node, deep=True)


def problems_of(document: Document, error: ValidationError, names: tuple[str, ...] = ()) -> tuple[Problem, ...]:
    """Turn pydantic's complaints about `document` into Problems, in the order of the file.

    `names` are the keys that the schema knows: an unknown key gets the nearest of them as a hint.
    """
    found = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        path = tuple(item["loc"])
        if item["type"] == "extra_forbidden":
            near = get_close_matches(str(path[-1]), names, n=1)
            hint = f"did you mean `{near[0]}`?" if near else None
            found.append(document.problem(path, f"unknown key `{path[-1]}`", hint))
        elif item["type"] == "missing":
            found.append(document.problem(path, f"the key `{path[-1]}` is missing"))
        else:
            place = ".".join(str(part) for part in path)
            what = item["msg"].removeprefix("Value error, ")
            found.append(document.problem(path, f"`{place}`: {what[:1].lower()}{what[1:]}"))
    return tuple(sorted(found, key=lambda problem: (problem.line or 0, problem.column or 0)))

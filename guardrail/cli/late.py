"""Commands that are loaded when they are called: what some of them need takes a second, and a list needs none of it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


class Place(NamedTuple):
    """Where a command stands (`module:name` in this package), and what the list of commands says of it."""

    where: str
    says: str


class Late(TyperCommand):
    """A command that is known by its name and its line in the list, until it is called."""

    def __init__(self, name: str, place: Place) -> None:
        """Take its name and its place."""
        super().__init__(name, help=place.says)
        self._name, self._place = name, place

    def load(self) -> Any:
        """Import the command, or the group of commands, and give it."""
        module, _, name = self._place.where.partition(":")
        found = getattr(import_module(f"guardrail.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            return get_command(found)
        alone = typer.Typer(add_completion=False)
        alone.command(self._name)(found)
        return get_command(alone)

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """Be the command itself from here on: the context that is given is its own (Click's first step of a call)."""
        return self.load().make_context(info_name, args, parent, **extra)


class LateGroup(TyperGroup):
    """A group that has late commands too; a subclass names them."""

    late: ClassVar[Mapping[str, Place]] = {}

    def __init__(self, **given: Any) -> None:
        """Take what Typer gives, and list the late commands behind the others."""
        super().__init__(**given)
        for name, place in self.late.items():
            self.add_command(Late(name, place))

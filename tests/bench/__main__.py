"""Run every measurement, or those that are named: `python -m tests.bench [recognise roster ledger proxy]`.

Options behind the names are handed on: `ledger --entries 5000000`.
"""

from __future__ import annotations

import runpy
import sys
from itertools import takewhile

ALL = ("recognise", "roster", "ledger", "proxy")


def main(arguments: tuple[str, ...]) -> None:
    """Run each as a program of its own; each prints JSON lines, our figure beside its peer's."""
    names = tuple(takewhile(lambda one: not one.startswith("-"), arguments))
    options = arguments[len(names) :]
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"bench: there is no `{unknown[0]}`; there are {', '.join(ALL)}")
    for name in names or ALL:
        sys.argv = [name, *options]
        runpy.run_module(f"tests.bench.{name}_bench", run_name="__main__")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))

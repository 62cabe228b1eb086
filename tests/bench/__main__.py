"""Run every measurement, or those that are named: `python -m tests.bench [recognise roster ledger proxy]`."""

from __future__ import annotations

import runpy
import sys

ALL = ("recognise", "roster", "ledger", "proxy")


def main(names: tuple[str, ...]) -> None:
    """Run each as a program of its own; each prints JSON lines, our figure beside its peer's."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"bench: there is no `{unknown[0]}`; there are {', '.join(ALL)}")
    for name in names or ALL:
        sys.argv = [name]
        runpy.run_module(f"tests.bench.{name}_bench", run_name="__main__")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))

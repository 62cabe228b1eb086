"""Guardrail with a matcher that fails while it looks a name up, where the text says how; else it is what it always is.

What is raised quotes the text, as an exception of Python's own often does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from guardrail.cli import main
from guardrail.roster import Roster


def fall(text: str) -> NoReturn:
    """Call itself until there is no more room, with the text in every frame."""
    fall(text + text[-1:])


def fail_in_coding(text: str) -> NoReturn:
    """Fail as a codec does: the exception holds all of the text."""
    raise UnicodeEncodeError("ascii", text, 0, len(text), text)


def fail_from_another(text: str) -> NoReturn:
    """Fail because of another failure, with a note."""
    worse = RuntimeError(text)
    worse.add_note(text)
    raise worse from KeyError(text)


def run_out(text: str) -> NoReturn:
    """Fail as where no memory is left."""
    raise MemoryError(text)


FAULTS: dict[str, Callable[[str], NoReturn]] = {
    "plantedcode": fail_in_coding,
    "plantedcause": fail_from_another,
    "planteddepth": fall,
    "plantedmemory": run_out,
}


def plant() -> None:
    """Put the faults where words are looked up."""
    real = Roster._text

    def looked_up(self: Roster, text: str) -> Any:
        found = real(self, text)
        for word, fault in FAULTS.items():
            if word in text:
                fault(text)
        return found

    setattr(Roster, "_text", looked_up)  # noqa: B010 - so that no type has to be silenced


if __name__ == "__main__":
    plant()
    main()

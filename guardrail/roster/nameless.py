"""What nobody expects, told without its text: an exception while client lists are read may quote a name."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardrail.errors import GuardrailError, Problem, RosterError

_ROOM = Path(__file__).parent.parent


@contextmanager
def nameless(file: Path) -> Iterator[None]:
    """Turn any exception that is none of ours into a RosterError of its kind and its place in our code alone."""
    try:
        yield
    except GuardrailError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, its text must not be shown
        what = f"guardrail failed here: {type(error).__name__} at {_place(error)}"
        hint = "nothing was changed; report this line, which names nobody"
        raise RosterError((Problem(file, None, None, what, hint),)) from None


def _place(error: Exception) -> str:
    """Give the innermost place in our own code, as `roster/row.py:70`."""
    ours = [
        (Path(frame.filename).relative_to(_ROOM).as_posix(), frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_ROOM) and frame.filename != __file__
    ]
    return "{}:{}".format(*ours[-1]) if ours else "an unknown place"

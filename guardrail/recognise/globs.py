"""Globs with `*` only, and lists of them: matched in linear time, never by a regular expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable

type TextTest = Callable[[str], bool]


def compile_glob(glob: str) -> TextTest:
    """Make a test for `glob`, in which `*` stands for any text; anything else stands for itself."""
    if "*" not in glob:
        return lambda text: text == glob
    head, *middle, tail = glob.split("*")
    pieces = tuple(piece for piece in middle if piece)
    least = len(head) + len(tail)

    def test(text: str) -> bool:
        if len(text) < least or not text.startswith(head) or not text.endswith(tail):
            return False
        at, end = len(head), len(text) - len(tail)
        for piece in pieces:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return test


class Globs:
    """A list of globs: one must match, none that begins with `!` may; with `!` ones only, all else matches."""

    __slots__ = ("_exact", "_no", "_yes", "_yes_any")

    def __init__(self, globs: Iterable[str]) -> None:
        """Compile `globs`."""
        texts = tuple(globs)
        wanted = [text for text in texts if not text.startswith("!")]
        self._exact = frozenset(text for text in wanted if "*" not in text)
        self._yes = tuple(compile_glob(text) for text in wanted if "*" in text)
        self._no = tuple(compile_glob(text[1:]) for text in texts if text.startswith("!"))
        self._yes_any = not wanted

    def __call__(self, text: str) -> bool:
        """Whether `text` is wanted."""
        if not (self._yes_any or text in self._exact or any(test(text) for test in self._yes)):
            return False
        return not any(test(text) for test in self._no)

    @property
    def only_refuses(self) -> bool:
        """Whether the list has `!` globs only: an absent value then passes."""
        return self._yes_any

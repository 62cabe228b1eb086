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

    __slots__ = ("_exact", "_no", "_no_in", "_yes", "_yes_any", "_yes_in")

    def __init__(self, globs: Iterable[str]) -> None:
        """Compile `globs`."""
        texts = tuple(globs)
        wanted = [text for text in texts if not text.startswith("!")]
        refused = [text[1:] for text in texts if text.startswith("!")]
        self._exact = frozenset(text for text in wanted if "*" not in text)
        # most globs are `*word*`: looking for the word needs no call
        self._yes_in = tuple(text.strip("*") for text in wanted if _is_word(text))
        self._no_in = tuple(text.strip("*") for text in refused if _is_word(text))
        self._yes = tuple(compile_glob(text) for text in wanted if "*" in text and not _is_word(text))
        self._no = tuple(compile_glob(text) for text in refused if not _is_word(text))
        self._yes_any = not wanted

    def __call__(self, text: str) -> bool:
        """Whether `text` is wanted."""
        return (self._yes_any or text in self._exact or self._is_wanted(text)) and not self._is_refused(text)

    def _is_wanted(self, text: str) -> bool:
        for word in self._yes_in:
            if word in text:
                return True
        for test in self._yes:  # noqa: SIM110  a generator costs more than what it would run here
            if test(text):
                return True
        return False

    def _is_refused(self, text: str) -> bool:
        for word in self._no_in:
            if word in text:
                return True
        for test in self._no:  # noqa: SIM110  as above
            if test(text):
                return True
        return False

    @property
    def only_refuses(self) -> bool:
        """Whether the list has `!` globs only: an absent value then passes."""
        return self._yes_any


def _is_word(glob: str) -> bool:
    """Whether a glob is `*word*`."""
    return len(glob) > len("**") and glob[0] == glob[-1] == "*" and "*" not in glob[1:-1]

"""Names that are never a client's: the clinician's own and the clinic's; their words are read past."""

from __future__ import annotations

from collections.abc import Iterable

from guardrail.roster.fold import Words, split_words

_TWO = 2


class OwnNames:
    """Finds names that are known beforehand in a text's words. A name of one word counts for nothing."""

    __slots__ = ("_by_first",)

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names as people write them; a person's is known in either order."""
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for name in names:
            words = split_words(name).latin
            for spelling in {words, words[::-1]} if len(words) == _TWO else {words}:
                if len(spelling) > 1:
                    self._by_first.setdefault(spelling[0], []).append(spelling)

    def without(self, words: Words) -> Words:
        """Give `words` with empty ones in place of each own name, so that what stood apart stays apart."""
        if not self._by_first or self._by_first.keys().isdisjoint(words.latin):
            return words
        latin, native = list(words.latin), list(words.native)
        for at, word in enumerate(words.latin):
            for name in self._by_first.get(word, ()):
                if words.latin[at : at + len(name)] == name:
                    latin[at : at + len(name)] = native[at : at + len(name)] = [""] * len(name)
        left = tuple(latin)
        return Words(left, left if words.native is words.latin else tuple(native), words.run_on)

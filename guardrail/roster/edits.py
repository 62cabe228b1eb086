"""One edit as an exact look-up: patterns that two words share when they differ by one letter.

The index holds a word's deletions, swaps, and the word with `*` in place of, or between, its letters;
a typed word is looked up as it stands and with each of its letters as `*`. Both sides share a pattern
exactly when one insertion, deletion, replacement or swap of neighbours leads from one to the other.
"""

from __future__ import annotations

from guardrail.roster.tokens import BLOCK

SHORTEST = 5  # letters of a name's word that may be mistyped
ANY_LETTER = "*"
_ANY_LETTER = ANY_LETTER.encode()


def stored_patterns(word: str) -> tuple[str, ...]:
    """Give the patterns under which the index knows `word` mistyped; none for a short word."""
    size = len(word)
    if size < SHORTEST:
        return ()
    found = [word[:at] + word[at + 1 :] for at in range(size)]
    found += [word[:at] + ANY_LETTER + word[at + 1 :] for at in range(size)]
    found += [word[:at] + ANY_LETTER + word[at:] for at in range(size + 1)]
    found += [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(size - 1)]
    return tuple(dict.fromkeys(pattern for pattern in found if pattern != word))


def typed_patterns(word: str) -> bytes:
    """Give the blocks of the patterns under which a typed word of at most 16 letters is looked up beside itself."""
    size = len(word)
    patterns = bytearray(word.encode().ljust(BLOCK, b"\0") * size)
    patterns[:: BLOCK + 1] = _ANY_LETTER * size  # the first letter of the first, the second of the second…
    return bytes(patterns)


def one_edit_apart(one: str, other: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours at most leads from one to the other."""
    start, most = 0, min(len(one), len(other))
    while start < most and one[start] == other[start]:
        start += 1
    end = 0
    while end < most - start and one[-1 - end] == other[-1 - end]:
        end += 1
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    return max(len(left), len(right)) <= 1 or (len(left) == len(right) == 2 and left == right[::-1])  # noqa: PLR2004 - two letters, swapped

"""E-mail addresses and telephone numbers: one key for each way to write the same one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from guardrail.roster.fold import fold_handle, word_set

_EMAIL = re.compile(r"[^\s@<>()\[\]\"',;:]{1,64}@[^\s@<>()\[\]\"',;:/?&]{1,250}\.[^\W\d_]{2,24}")
# Digits with what stands between them in any country's way to write a number. What stands before the first of them
# is not part of it: a pattern that begins with digits and nothing else is searched for ten times as fast.
_NUMBER = re.compile(r"\d[\d ().\-/\u2010-\u2015\u00a0]{6,30}\d")
_DOTS_MEAN_NOTHING = ("gmail.com", "googlemail.com")
_FEWEST_DIGITS = 8  # of a number without its country's code; fewer are no one's alone
_MOST_DIGITS = 15  # ITU-T E.164
_TWO = 2
_AMERICAN = 11  # digits of a North American number with its 1
# ITU-T E.164: 1 and 7 are codes of one digit, these of two, all others of three.
_CODES_OF_TWO = word_set(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 "
    "90 91 92 93 94 95 98"
)


def email_key(text: str) -> str | None:
    """Give an address in the one spelling in which addresses are compared; None for any other text."""
    if not _EMAIL.fullmatch(text := fold_handle(text)):
        return None
    name, _, host = text.rpartition("@")
    name = name.partition("+")[0] or name
    if host in _DOTS_MEAN_NOTHING:
        name, host = name.replace(".", ""), "gmail.com"
    return f"{name}@{host}"


def emails_in(text: str) -> Iterator[str]:
    """Give the keys of the addresses in a text. Total; linear."""
    if "@" in text:
        for found in _EMAIL.finditer(text):
            key = email_key(found[0].strip("."))
            if key is not None:
                yield key


def phone_keys(text: str) -> tuple[str, ...]:
    """Give the keys under which the roster's number `text` is known; none where it is no number."""
    full, national = _number(text)
    if not national:
        return ()
    return (f"+{full}", f"~{national}") if full else (f"={national}",)


def phones_in(text: str) -> Iterator[str]:
    """Give the keys under which the numbers in a text are looked up. Total; linear.

    `+1 604 555 0123`, `001-604-555-0123`, `(604) 555-0123` find one another, and so do `+44 20 …` and `020 …`;
    equal national numbers of two known countries do not.
    """
    for found in _NUMBER.finditer(text):
        before = text[max(0, found.start() - _TWO) : found.start()]
        full, national = _number(("+" if before.endswith(("+", "+(")) else "") + found[0])
        if national:
            yield f"={national}"
            yield f"+{full}" if full else f"~{national}"


def _number(text: str) -> tuple[str, str]:
    """Give a number with its country's code (empty where it has none) and without."""
    text = text.replace("(0)", "")  # a trunk zero beside a country's code
    digits = "".join(str(unicodedata.digit(char)) for char in text if unicodedata.digit(char, -1) >= 0)
    american = len(digits) == _AMERICAN and digits.startswith("1")
    if not american and not text.lstrip(" (").startswith("+") and not digits.startswith("00"):
        full, national = "", digits.lstrip("0")
    else:
        full = digits.lstrip("0")
        national = full[_code_size(full) :].lstrip("0")
    fits = len(national) >= _FEWEST_DIGITS and len(full or national) <= _MOST_DIGITS
    return (full, national) if fits else ("", "")


def _code_size(full: str) -> int:
    if full[:1] in ("1", "7"):
        return 1
    return 2 if full[:2] in _CODES_OF_TWO else 3

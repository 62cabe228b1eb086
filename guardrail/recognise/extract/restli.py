"""Rest.li 2.0 tuples, as LinkedIn puts them into a query: `(start:0,query:(keywords:a%20b,type:List(X)))`.

Source: LinkedIn's public description of the Rest.li protocol (URI encoding of complex values).
"""

from __future__ import annotations

import re
from typing import Any

from guardrail.recognise.extract.urltext import decode

_MAX_DEPTH = 64
_LIST = "List("
_VALUE_END = re.compile(r"[,)]")
_KEY_END = re.compile(r"[:,()]")


def parse_restli(text: str) -> Any:
    """Read a tuple or list into dicts, lists and decoded text; what is left open is closed at the end.

    A text that was percent-encoded as a whole is decoded first. Plain text gives itself. As LinkedIn's servers read a
    query, `+` is a space.
    """
    if text.startswith(("(", _LIST)):
        return _Reader(text, plus=True).value(0)
    text = decode(text)
    return _Reader(text, plus=False).value(0) if text.startswith(("(", _LIST)) else text


class _Reader:
    """One pass over the text; `at` only grows, so the work is linear."""

    def __init__(self, text: str, *, plus: bool) -> None:
        self.text = text
        self.plus = plus
        self.at = 0

    def value(self, depth: int) -> Any:
        if depth < _MAX_DEPTH:
            if self.text.startswith(_LIST, self.at):
                self.at += len(_LIST)
                return self._items(depth)
            if self.text.startswith("(", self.at):
                self.at += 1
                return self._entries(depth)
        return decode(self._until(_VALUE_END), plus=self.plus)

    def _items(self, depth: int) -> list[Any]:
        out: list[Any] = []
        while self.at < len(self.text) and not self._closes():
            out.append(self.value(depth + 1))
            self._skip_comma()
        return out

    def _entries(self, depth: int) -> Any:
        out: dict[str, Any] = {}
        bare: list[Any] = []
        while self.at < len(self.text) and not self._closes():
            start = self.at
            key = self._until(_KEY_END)
            if self.text.startswith(":", self.at) and not self.text.startswith("urn:li:", start):
                self.at += 1
                out.setdefault(decode(key, plus=False), self.value(depth + 1))
            else:
                self.at = start
                bare.append(self.value(depth + 1))
            self._skip_comma()
        return out if out or not bare else bare

    def _until(self, stops: re.Pattern[str]) -> str:
        start = self.at
        found = stops.search(self.text, start)
        self.at = found.start() if found else len(self.text)
        return self.text[start : self.at]

    def _closes(self) -> bool:
        if self.text.startswith(")", self.at):
            self.at += 1
            return True
        return False

    def _skip_comma(self) -> None:
        if self.at < len(self.text) and not self.text.startswith(")", self.at):
            self.at += 1  # a comma, or what should have been one

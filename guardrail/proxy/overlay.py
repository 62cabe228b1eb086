"""The overlay's tag, put into a page while it streams by: nothing else of the page changes.

The place is found as an HTML parser finds it (WHATWG HTML 13.2.6.4.1 to .4): behind `<head …>`, or where a
head that is left out would begin. Bytes are enough: every encoding that browsers take for HTML, UTF-16
aside, spells its tags in ASCII.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from guardrail.proxy.csp import ORIGIN, admit_frame, split_policies

SOURCE = f"{ORIGIN}/assets/overlay.js"

LIMIT = 64 * 1024
"""So many bytes of a page are looked through for its head, and so many behind it for policies."""

# The longest beginning of a tag that is not yet known to be ours: `</head` and one more.
_SLACK = 16

_ATTRIBUTES = rb"(?:[^>\"']|\"[^\"]*\"|'[^']*')*>"
# What may stand before a head: a byte order mark, then white space, comments, a doctype, the html tag.
_PROLOGUE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[ \t\r\n\f]+|<!--.*?-->|<!(?!--)[^>]*>|<\?[^>]*>|<html(?=[\s/>])" + _ATTRIBUTES + rb")*",
    re.IGNORECASE | re.DOTALL,
)
_HEAD = re.compile(rb"<head(?=[\s/>])" + _ATTRIBUTES, re.IGNORECASE)
_UNFINISHED = re.compile(
    rb"<(?:!|\?|$|h(?:e|ea|ead|t|tm|tml)?$|(?:head|html)[\s/])|\xef\xbb?$",
    re.IGNORECASE,
)
_META = re.compile(rb"<meta[\s/][^>]*>", re.IGNORECASE)
_HEAD_OVER = re.compile(rb"</head[\s>]|<body[\s/>]", re.IGNORECASE)
_BEGUN = re.compile(rb"<(?:m|me|met|meta|meta[\s/][^>]*|/|/h|/he|/hea|/head|b|bo|bod|body)?$", re.IGNORECASE)
_IS_POLICY = re.compile(rb"\bhttp-equiv\s*=\s*[\"']?\s*content-security-policy\b(?!-)", re.IGNORECASE)
_CONTENT = re.compile(rb"(\bcontent\s*=\s*)(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


def tag(nonce: str | None) -> bytes:
    """Give the tag that loads the overlay; `nonce` is the page's own, where it trusts scripts by nonce."""
    attribute = f' nonce="{html.escape(nonce)}"' if nonce else ""
    return f'<script async src="{SOURCE}"{attribute}></script>'.encode()


class Insertion:
    """Takes a page piece by piece and gives it on with the tag in it, holding back as little as it can.

    However the page is cut into pieces, the output as a whole is the same.
    """

    def __init__(self, nonce: str | None) -> None:
        """Take the nonce that the page's headers ask for."""
        self._tag = tag(nonce)
        self._held = b""
        self._seen = 0
        self._step: Callable[[bytes], bytes] = self._seek_head

    def feed(self, data: bytes) -> bytes:
        """Take the next piece and give what may go on."""
        return self._step(data)

    def finish(self) -> bytes:
        """Give what was still held back: the page is over."""
        held, self._held = self._held, b""
        self._step = _pass
        return held

    def _seek_head(self, data: bytes) -> bytes:
        self._held += data
        prologue = _PROLOGUE.match(self._held)
        place = prologue.end() if prologue else 0
        head = _HEAD.match(self._held, place)
        if head:
            place = head.end()
        elif place == len(self._held) or _UNFINISHED.match(self._held, place):
            return b"" if len(self._held) <= LIMIT + _SLACK else self.finish()
        if place > LIMIT or b"<" not in self._held[: place + 1]:
            # No markup: JSON that is called HTML, UTF-16, plain words. There is no page to guard in it.
            return self.finish()
        before, after = self._held[:place], self._held[place:]
        self._held = b""
        self._step = self._seek_policies
        return before + self._tag + self._seek_policies(after)

    def _seek_policies(self, data: bytes) -> bytes:
        """Edit the policies that stand in the page's head as `<meta http-equiv>`; they bind what follows them."""
        text = self._held + data
        over = _HEAD_OVER.search(text)
        begun = None if over else _BEGUN.search(text)
        ready = over.start() if over else begun.start() if begun else len(text)
        if len(text) - ready > LIMIT:
            ready = len(text)
        output = _META.sub(self._edit, text[:ready])
        self._held = text[ready:]
        self._seen += ready
        if over or self._seen > LIMIT:
            return output + self.finish()
        return output

    def _edit(self, found: re.Match[bytes]) -> bytes:
        whole = found[0]
        content = _CONTENT.search(whole)
        if content is None or self._seen + found.start() > LIMIT or len(whole) > LIMIT or not _IS_POLICY.search(whole):
            return whole
        value = html.unescape((content[2] or content[3] or b"").decode("latin-1"))
        # Our script stands before this policy and is not bound by it; our frame comes later.
        edited = ", ".join(map(admit_frame, split_policies(value)))
        quoted = html.escape(edited).encode("latin-1", "xmlcharrefreplace")
        return whole[: content.start()] + content[1] + b'"' + quoted + b'"' + whole[content.end() :]


def _pass(data: bytes) -> bytes:
    return data

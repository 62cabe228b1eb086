"""A request and a response as the core sees them: bytes in, no library's types."""

from __future__ import annotations

from dataclasses import dataclass

type RawHeaders = tuple[tuple[bytes, bytes], ...]

_SPECULATIVE = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")
_SPECULATIVE_VALUES = ("prefetch", "prerender", "preview")


def find_header(headers: RawHeaders, name: str) -> str | None:
    """Give the first value of header `name` (any case), decoded as latin-1; None where absent."""
    wanted = name.lower().encode("ascii")
    length = len(wanted)
    for key, value in headers:
        if len(key) == length and key.lower() == wanted:
            return value.decode("latin-1")
    return None


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a browser or an app asks for.

    `method` is upper case, `host` lower case without port, `path` the raw path from its `/`,
    `query` the raw query without its `?`; `headers` are the bytes on the wire in their order;
    `body` has its content encoding undone, empty where there is none or it could not be undone
    (`unreadable` is then true).
    """

    method: str
    scheme: str
    host: str
    port: int
    path: str
    query: str
    headers: RawHeaders = ()
    body: bytes = b""
    unreadable: bool = False

    @property
    def url(self) -> str:
        """The address as a person would see it; the port only where it is not the usual one."""
        usual = {"https": 443, "http": 80, "wss": 443, "ws": 80}.get(self.scheme) == self.port
        place = self.host if usual else f"{self.host}:{self.port}"
        return f"{self.scheme}://{place}{self.path}" + (f"?{self.query}" if self.query else "")

    def header(self, name: str) -> str | None:
        """Give the first value of header `name` (any case); None where absent."""
        return find_header(self.headers, name)

    @property
    def is_navigation(self) -> bool:
        """Whether the answer to this request becomes a page that a person sees.

        Fetch metadata decides where it is present (W3C Fetch Metadata: `navigate`); without it
        (old browsers, plain http), a GET or form POST that accepts HTML and is no XHR.
        """
        mode = self.header("sec-fetch-mode")
        if mode is not None:
            # `empty` is a page load too: so Chromium marks one that a service worker sends on.
            return mode == "navigate" and self.header("sec-fetch-dest") not in ("object", "embed")
        if self.header("x-requested-with") is not None or (self.header("origin") is not None and self.method == "GET"):
            return False
        return "text/html" in (self.header("accept") or "")

    @property
    def is_framed(self) -> bool:
        """Whether the page that the answer becomes stands inside another page."""
        return self.header("sec-fetch-dest") in ("iframe", "frame")

    @property
    def is_speculative(self) -> bool:
        """Whether the browser asks ahead of the person: prefetch, prerender, preview."""
        for key, value in self.headers:
            if key.lower() in _SPECULATIVE:
                text = value.decode("latin-1").lower()
                if any(word in text for word in _SPECULATIVE_VALUES):
                    return True
        return False


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a site answers; `body` has its content encoding undone."""

    status: int
    headers: RawHeaders = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Give the first value of header `name` (any case); None where absent."""
        return find_header(self.headers, name)

"""Who is told of a hold: the pages of the clinician that stand where the request came from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from guardrail.model.hold import Hold
from guardrail.model.http import HttpRequest
from guardrail.recognise.hosts import registrable

_WAITING = 32


class Channel:
    """Bounded queues, one per open page; a page that does not listen loses its oldest news, nobody else's."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._queues: dict[asyncio.Queue[Hold], tuple[str, str]] = {}

    @contextmanager
    def listening(self, clinician_id: str, host: str) -> Iterator[asyncio.Queue[Hold]]:
        """Give a queue of this clinician's holds on pages of `host` until the block is left."""
        queue: asyncio.Queue[Hold] = asyncio.Queue(_WAITING)
        self._queues[queue] = (clinician_id, host)
        try:
            yield queue
        finally:
            del self._queues[queue]

    def tell(self, hold: Hold) -> None:
        """Tell every page that this hold concerns."""
        for queue, (clinician_id, host) in self._queues.items():
            if concerns(hold, clinician_id, host):
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(hold)

    def __len__(self) -> int:
        return len(self._queues)


def concerns(hold: Hold, clinician_id: str, host: str) -> bool:
    """Say whether a hold rises as an overlay on this clinician's pages of `host`."""
    if hold.surface != "overlay" or hold.clinician.id != clinician_id:
        return False
    page = page_host(hold.request)
    if page is not None:
        return page == host
    # Neither Origin nor Referer (a page may forbid both): the site's own domain is as near as one can say.
    return hold.request.host == host or registrable(hold.request.host) == registrable(host) is not None


def page_host(request: HttpRequest) -> str | None:
    """Give the host (lower case, no port) of the page that sent a request; None where it does not say.

    Origin is what a worker sends too (Fetch, section 3.2); a navigation or a plain GET has only a Referer.
    """
    for name in ("origin", "referer"):
        try:
            host = urlsplit(request.header(name) or "").hostname
        except ValueError:
            continue
        if host:
            return host
    return None

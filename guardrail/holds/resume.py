"""The very request that was stopped, kept until the browser comes back for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from guardrail.model.http import HttpRequest

WINDOW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class _Stopped:
    request: HttpRequest
    until: datetime


class Resumptions:
    """Stopped requests by address and clinician; nothing is ever put into the address itself.

    A search that was sent by POST resumes as that POST, though the browser, redirected, comes with a GET.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._stopped: dict[tuple[str, str], _Stopped] = {}

    def __len__(self) -> int:
        return len(self._stopped)

    @property
    def size(self) -> int:
        """Say how many bytes the kept bodies take; the rest is shared with the holds that they were stopped by."""
        return sum(len(stopped.request.body) for stopped in self._stopped.values())

    def keep(self, request: HttpRequest, clinician_id: str, now: datetime) -> None:
        """Keep a request for the clinician's next navigation to its address, for two minutes."""
        self.forget(now)
        self._stopped[request.url, clinician_id] = _Stopped(request, now + WINDOW)

    def peek(self, request: HttpRequest, now: datetime) -> HttpRequest | None:
        """Give a kept request that this navigation may stand for, whoever the clinician is."""
        if not _may_resume(request):
            return None
        url = request.url
        for (kept_url, _), stopped in self._stopped.items():
            if kept_url == url and now < stopped.until:
                return stopped.request
        return None

    def take(self, request: HttpRequest, clinician_id: str, now: datetime) -> HttpRequest | None:
        """Give the kept request that this navigation stands for, once."""
        if not _may_resume(request):
            return None
        stopped = self._stopped.pop((request.url, clinician_id), None)
        return stopped.request if stopped is not None and now < stopped.until else None

    def forget(self, now: datetime) -> None:
        """Let go of what nobody came back for."""
        self._stopped = {key: stopped for key, stopped in self._stopped.items() if now < stopped.until}


def _may_resume(request: HttpRequest) -> bool:
    return request.method == "GET" and request.is_navigation and not request.is_framed and not request.is_speculative

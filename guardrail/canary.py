"""The tally on disk, and the canary that sings in the log when recognisers go silent."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path

import structlog

from guardrail.durable import replace_file
from guardrail.recognise.tally import Tally

log = structlog.get_logger("guardrail.canary")

TALLY_FILE = "recognised.json"
"""The tally's name in the data folder: numbers, and names of operations."""

_EVERY_SECONDS = 60.0


def read_tally(folder: Path) -> Tally:
    """Read what was counted so far; start again where there is nothing, or nothing that can be read."""
    try:
        return Tally(json.loads((folder / TALLY_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return Tally()


def write_tally(tally: Tally, folder: Path) -> None:
    """Write the counts, whole or not at all. Raise OSError."""
    replace_file(folder / TALLY_FILE, f"{json.dumps(tally.as_json(), indent=1)}\n".encode())


class Canary:
    """Keeps the tally on disk and tells the log, once each, of what has gone silent."""

    def __init__(self, tally: Tally, folder: Path) -> None:
        """Take the tally that the gate counts in."""
        self._tally = tally
        self._folder = folder
        self._written = tally.changes
        self._told: set[tuple[str, str]] = set()

    async def watch(self) -> None:
        """Look every minute, until cancelled; then once more."""
        try:
            while True:
                await asyncio.sleep(_EVERY_SECONDS)
                self.look()
        finally:
            self.look()

    def look(self) -> None:
        """Write what was counted since, and tell what is new. A full disk stops no traffic."""
        if self._tally.changes == self._written:
            return
        self._written = self._tally.changes
        with suppress(OSError):
            write_tally(self._tally, self._folder)
        for site, tally in self._tally.sites.items():
            for recogniser in sorted(tally.silent()):
                self._tell(site, recogniser, tally.requests - tally.last[recogniser])
            if tally.blind:
                self._tell(site, "(all)", tally.requests)

    def _tell(self, site: str, recogniser: str, requests: int) -> None:
        if (site, recogniser) not in self._told:
            self._told.add((site, recogniser))
            log.warning("recogniser silent", site=site, recogniser=recogniser, requests=requests)

"""The parts that files make, in use and replaced while running: whole, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from watchfiles import awatch

from guardrail.errors import GuardrailError, LedgerError, PolicyError
from guardrail.model.entry import EntryKind, Json
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy
from guardrail.recognise import SiteIndex, load_sites
from guardrail.roster import Roster
from guardrail.roster.source import Clients, roster_file
from guardrail.settings import Settings, site_folders

log = structlog.get_logger("guardrail.reload")

type Write = Callable[[EntryKind, dict[str, Json]], None]
type Admit = Callable[[SiteIndex], bytes]
type _Mark = tuple[str, int, int, int] | None

# Some file systems (network shares) tell of no change, so every now and then we look.
_LOOK_MILLISECONDS = 3000


@dataclass(frozen=True, slots=True)
class _Marks:
    """By what a file is known to be the one that was last tried: name, time, size, inode."""

    rules: _Mark
    roster: _Mark
    sites: tuple[_Mark, ...]


class Live:
    """Policy, roster and sites as they stand. Each is replaced by one assignment, so nobody sees half of one."""

    def __init__(self, settings: Settings, key: bytes, admit: Admit) -> None:
        """Load all. `admit` refuses sites that the certificate authority does not cover. Raise GuardrailError."""
        self.settings = settings
        self.admit = admit
        self._marks = self._look()  # before the reading: a change while we read is then seen as one
        self._sites = self._load_sites()
        self._policy = load_policy(settings.rules)
        self._clients = Clients(settings, key)

    def sites(self) -> SiteIndex:
        """Give the site index in use."""
        return self._sites

    def policy(self) -> Policy:
        """Give the policy in use."""
        return self._policy

    def roster(self) -> Roster:
        """Give the roster in use; raise RosterError, so that nothing passes, where its file was changed under it."""
        return self._clients.roster()

    def about_roster(self) -> dict[str, Json]:
        """Give what the ledger says of the roster: how long it is, and which; nobody's name."""
        return self._clients.about()

    def reload(self, write: Write) -> None:
        """Load again what has changed on disk since it was last tried; what cannot be loaded stays, loudly. Blocks."""
        before, self._marks = self._marks, self._look()
        if self._marks.rules != before.rules:
            self._reload_policy(write)
        if self._marks.roster != before.roster or (self._clients.is_changed() and not self._clients.is_closed):
            self._reload_roster(write)
        if self._marks.sites != before.sites:
            self._reload_sites()

    def folders(self) -> tuple[Path, ...]:
        """Give the folders in which the files stand: a file itself cannot be watched, as editors replace it."""
        settings = self.settings
        files = (settings.rules, roster_file(settings))
        # A folder that a first import makes later is found by looking now and then.
        folders = {folder for file in files if (folder := file.resolve().parent).is_dir()}
        return tuple(sorted(folders | set(site_folders(settings))))

    def _look(self) -> _Marks:
        settings = self.settings
        sites = sorted(file for folder in site_folders(settings) for file in folder.rglob("*.yaml"))
        return _Marks(_mark(settings.rules), _mark(roster_file(settings)), tuple(map(_mark, sites)))

    def _load_sites(self) -> SiteIndex:
        sites = load_sites(site_folders(self.settings))
        self.admit(sites)
        return sites

    def _reload_policy(self, write: Write) -> None:
        try:
            self._policy = load_policy(self.settings.rules)
        except PolicyError as error:
            log.error("policy refused, the old one stays", problem=str(error))  # noqa: TRY400 - one line for people
            _tell(write, EntryKind.POLICY_REFUSED, {"problems": len(error.problems), "line": error.problems[0].line})
        else:
            log.info("policy loaded", revision=self._policy.revision)
            _tell(write, EntryKind.POLICY_LOADED, {})

    def _reload_roster(self, write: Write) -> None:
        try:
            self._clients.reload()
        except GuardrailError as error:
            stays = "nothing passes" if self._clients.is_closed else "the old one stays"
            log.error("roster refused", problem=str(error), now=stays)  # noqa: TRY400 - one line for people
            _tell(write, EntryKind.FAILURE, {"where": "roster reload"})
        else:
            log.info("roster loaded", clients=len(self.roster()))
            _tell(write, EntryKind.ROSTER_LOADED, self.about_roster())

    def _reload_sites(self) -> None:
        try:
            self._sites = self._load_sites()
        except GuardrailError as error:
            log.error("site files refused, the old ones stay", problem=str(error))  # noqa: TRY400 - one line for people
        else:
            log.info("site files loaded", revision=self._sites.revision)


async def watch(live: Live, write: Write) -> None:
    """Reload what changes on disk, until cancelled: at once where the system tells of it, else within seconds."""
    async for _ in awatch(*live.folders(), recursive=False, yield_on_timeout=True, rust_timeout=_LOOK_MILLISECONDS):
        await asyncio.to_thread(live.reload, write)


def _mark(file: Path | None) -> _Mark:
    if file is None:
        return None
    try:
        facts = file.stat()
    except OSError:
        return (str(file), 0, 0, 0)
    return (str(file), facts.st_mtime_ns, facts.st_size, facts.st_ino)


def _tell(write: Write, kind: EntryKind, details: dict[str, Json]) -> None:
    try:
        write(kind, details)
    except LedgerError as error:
        log.error("not written to the ledger", entry=kind, problem=str(error))  # noqa: TRY400 - one line for people

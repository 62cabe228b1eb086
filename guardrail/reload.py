"""The parts that files make, in use and replaced while running: whole, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from watchfiles import awatch

from guardrail.errors import GuardrailError, LedgerError, PolicyError
from guardrail.model.entry import EntryKind, Json
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy
from guardrail.recognise import SiteIndex, load_sites
from guardrail.roster import Roster
from guardrail.roster.exceptions import EXCEPTIONS_FOLDER, Exceptions
from guardrail.roster.source import Clients, roster_file
from guardrail.settings import ROSTER_FOLDER, Settings, site_folders

log = structlog.get_logger("guardrail.reload")

type Write = Callable[[EntryKind, dict[str, Json]], None]
type Admit = Callable[[SiteIndex], bytes]
type _Mark = tuple[str, int, int, int] | None

_BAD_EXCEPTION: dict[str, Json] = {"where": "exceptions"}

# Some file systems (network shares) tell of no change, so every now and then we look.
_LOOK_MILLISECONDS = 3000


@dataclass(frozen=True, slots=True)
class _Marks:
    """By what a file is known to be the one that was last tried: name, time, size, inode."""

    rules: _Mark
    roster: _Mark
    sites: tuple[_Mark, ...]
    exceptions: tuple[_Mark, ...]


class Live:
    """Policy, roster and sites as they stand. Each is replaced by one assignment, so nobody sees half of one."""

    def __init__(self, settings: Settings, key: bytes, admit: Admit) -> None:
        """Load all. `admit` refuses sites that the certificate authority does not cover. Raise GuardrailError."""
        self.settings = settings
        self.admit = admit
        self._exceptions = Exceptions(settings.data_dir / ROSTER_FOLDER / EXCEPTIONS_FOLDER, key)
        self._marks = self._look()  # before the reading: a change while we read is then seen as one
        self._sites = self._load_sites()
        self._policy = load_policy(settings.rules)
        self._clients = Clients(settings, key)
        self._excepted, self._problems = self._load_exceptions()
        self._owed: list[tuple[EntryKind, dict[str, Json]]] = []

    def sites(self) -> SiteIndex:
        """Give the site index in use."""
        return self._sites

    def policy(self) -> Policy:
        """Give the policy in use."""
        return self._policy

    def roster(self) -> Roster:
        """Give the roster in use; raise RosterError, so that nothing passes, where its file was changed under it."""
        return self._clients.roster()

    def excepted(self) -> Mapping[str, datetime]:
        """Give the tokens of the words that the clinic has excepted, each with its end."""
        return self._excepted

    def about_roster(self) -> dict[str, Json]:
        """Give what the ledger says of the roster: how long it is, which, and what is excepted; nobody's name."""
        tokens: list[Json] = [*sorted(self._excepted)]
        return {**self._clients.about(), **({"exceptions": tokens} if tokens else {})}

    def begin(self, write: Write) -> None:
        """Write what the client list is at the start, and of what is not in force. Raise LedgerError."""
        write(EntryKind.ROSTER_LOADED, self.about_roster())
        for _ in range(self._problems):
            write(EntryKind.FAILURE, _BAD_EXCEPTION)

    def reload(self, write: Write) -> None:
        """Load again what has changed on disk since it was last tried; what cannot be loaded stays, loudly. Blocks."""
        self._settle(write)
        before, self._marks = self._marks, self._look()
        try:
            self._reload_changed(before, write)
        except BaseException:
            self._marks = before  # what was not loaded for a reason that nobody thought of is tried again
            raise

    def _reload_changed(self, before: _Marks, write: Write) -> None:
        if self._marks.rules != before.rules:
            self._reload_policy(write)
        if self._marks.roster != before.roster or self._clients.is_due():
            self._reload_roster(write)
        if self._marks.exceptions != before.exceptions:
            self._reload_exceptions(write)
        if self._marks.sites != before.sites:
            self._reload_sites()

    def folders(self) -> tuple[Path, ...]:
        """Give the folders in which the files stand: a file itself cannot be watched, as editors replace it."""
        settings = self.settings
        files = (settings.rules, roster_file(settings))
        # A folder that a first import makes later is found by looking now and then.
        wanted = {file.resolve().parent for file in files} | {self._exceptions.folder.resolve()}
        return tuple(sorted({folder for folder in wanted if folder.is_dir()} | set(site_folders(settings))))

    def _look(self) -> _Marks:
        settings = self.settings
        sites = sorted(file for folder in site_folders(settings) for file in folder.rglob("*.yaml"))
        excepted = tuple(map(_mark, sorted(self._exceptions.folder.glob("*.exception"))))
        return _Marks(_mark(settings.rules), _mark(roster_file(settings)), tuple(map(_mark, sites)), excepted)

    def _load_sites(self) -> SiteIndex:
        sites = load_sites(site_folders(self.settings))
        self.admit(sites)
        return sites

    def _reload_policy(self, write: Write) -> None:
        try:
            self._policy = load_policy(self.settings.rules)
        except PolicyError as error:
            log.error("policy refused, the old one stays", problem=str(error))  # noqa: TRY400 - one line for people
            found: dict[str, Json] = {"problems": len(error.problems), "line": error.problems[0].line}
            self._tell(write, EntryKind.POLICY_REFUSED, found)
        else:
            log.info("policy loaded", revision=self._policy.revision)
            self._tell(write, EntryKind.POLICY_LOADED, {})

    def _reload_roster(self, write: Write) -> None:
        try:
            self._clients.reload()
        except GuardrailError as error:
            stays = "nothing passes" if self._clients.is_closed else "the old one stays"
            log.error("roster refused", problem=str(error), now=stays)  # noqa: TRY400 - one line for people
            self._tell(write, EntryKind.FAILURE, {"where": "roster reload"})
        else:
            log.info("roster loaded", clients=len(self.roster()))
            self._tell(write, EntryKind.ROSTER_LOADED, self.about_roster())

    def _load_exceptions(self) -> tuple[Mapping[str, datetime], int]:
        """Give what is excepted, and how much of it is in force no more: there all is held, and the log says why."""
        found = self._exceptions.read()
        for problem in found.problems:
            log.error("exception refused, what it excepts is held", problem=str(problem))
        return {one.token: one.until for one in found.exceptions}, len(found.problems)

    def _reload_exceptions(self, write: Write) -> None:
        self._excepted, self._problems = self._load_exceptions()
        log.info("exceptions loaded", exceptions=len(self._excepted))
        self._tell(write, EntryKind.ROSTER_LOADED, self.about_roster())
        for _ in range(self._problems):
            self._tell(write, EntryKind.FAILURE, _BAD_EXCEPTION)

    def _reload_sites(self) -> None:
        try:
            self._sites = self._load_sites()
        except GuardrailError as error:
            log.error("site files refused, the old ones stay", problem=str(error))  # noqa: TRY400 - one line for people
        else:
            log.info("site files loaded", revision=self._sites.revision)

    def _tell(self, write: Write, kind: EntryKind, details: dict[str, Json]) -> None:
        """Write an entry, or keep it until the ledger takes it: what is in force must stand there."""
        self._owed.append((kind, details))
        try:
            problem = self._settle(write)
        except BaseException:
            self._owed.pop()  # the change is tried again, and told of then
            raise
        if problem is not None:
            log.error("not on the ledger yet, tried again within seconds", entry=kind, problem=problem)

    def _settle(self, write: Write) -> str | None:
        """Write what is owed, in order; give the ledger's problem where it takes no entry now."""
        while self._owed:
            try:
                write(*self._owed[0])
            except LedgerError as error:
                return str(error)
            del self._owed[0]
        return None


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

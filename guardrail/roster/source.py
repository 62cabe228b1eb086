"""The client list that counts: the CSV that is set, or else what was imported; replaced whole, or not at all."""

from __future__ import annotations

from pathlib import Path

from guardrail.errors import Problem, RosterError
from guardrail.model.entry import Json
from guardrail.roster.known import Came, known, note
from guardrail.roster.load import empty_roster, load_roster
from guardrail.roster.matcher import Roster
from guardrail.roster.nameless import nameless
from guardrail.roster.versions import POINTER, Versions
from guardrail.settings import ROSTER_FOLDER, Settings

_BRING = "bring the folder back from a copy, or run `guardrail roster import` again"
_NAME = (
    "name its file again (`--roster FILE`, as at the start, or the setting), run `guardrail roster import`, "
    "or, if there is to be none, `guardrail roster forget`"
)


def roster_file(settings: Settings) -> Path:
    """Give the file whose change says that the client list is another one; it need not be there."""
    return settings.roster or settings.data_dir / ROSTER_FOLDER / POINTER


def refuse_lost(data_dir: Path) -> None:
    """Raise RosterError where a client list was in force, and neither a setting nor an import gives one now."""
    if known(data_dir):
        what = "a client list was in force here, and no file and no import gives one now"
        raise RosterError((Problem(data_dir, None, None, what, _NAME),))


class Clients:
    """The roster in use. Nobody is on it only where no list is set and none was ever imported."""

    def __init__(self, settings: Settings, key: bytes) -> None:
        """Load it; raise RosterError where it cannot be trusted."""
        self._settings = settings
        self._key = key
        self._versions = Versions(settings.data_dir / ROSTER_FOLDER, key)
        self._imported: dict[str, Json] = {}
        self._mapped: tuple[Path, tuple[int, int, int]] | None = None  # the index that is mapped into memory
        self._closed: RosterError | None = None
        self._tried: tuple[int, int, int] | None = None  # the index that was refused last
        with nameless(roster_file(settings)):
            self._roster = self._load()

    @property
    def is_closed(self) -> bool:
        """Say whether the list in use cannot be trusted any more."""
        return self._closed is not None

    def roster(self) -> Roster:
        """Give the roster in use; raise RosterError, so that nothing passes, where its file was changed under it."""
        if self._closed is not None:
            raise self._closed
        return self._roster

    def about(self) -> dict[str, Json]:
        """Give what the ledger says of it: how long it is, and which; nobody's name."""
        roster = self._roster
        counts: dict[str, Json] = {"clients": len(roster), "rejected_rows": len(roster.rejected)}
        return {**counts, "roster_revision": roster.revision, **self._imported}

    def reload(self) -> None:
        """Load it again; raise RosterError where it cannot be trusted: the old one stays, if that is still whole."""
        tried = self._mark_in_use()
        try:
            with nameless(roster_file(self._settings)):
                self._roster = self._load()
        except RosterError:
            self._tried = tried
            if self.is_changed():
                self._closed = self._refused("the client list in force was changed on disk")
            raise
        self._closed = None

    def is_due(self) -> bool:
        """Say whether the index in use is to be loaded again: somebody wrote into it, or mended it since."""
        return self._mark_in_use() != self._tried if self.is_closed else self.is_changed()

    def is_changed(self) -> bool:
        """Say whether somebody wrote into the index in use; one that was replaced or removed is still whole for us."""
        if self._mapped is None:
            return False
        before, now = self._mapped[1], self._mark_in_use()
        return now is not None and now != before and now[0] == before[0]

    def _mark_in_use(self) -> tuple[int, int, int] | None:
        return _mark(self._mapped[0]) if self._mapped is not None else None

    def _load(self) -> Roster:
        settings = self._settings
        if settings.roster is not None:
            allow = settings.roster_allow_bad_rows
            roster = load_roster(settings.roster, self._key, allow_bad_rows=allow, own_names=settings.own_names)
            note(settings.data_dir, Came.FILE)
            return roster
        loaded = self._versions.load(settings.own_names)
        if loaded is None and self._imported:
            raise self._refused("the imported client list is gone")
        if loaded is None:
            refuse_lost(settings.data_dir)
            return empty_roster(self._key, settings.own_names)
        note(settings.data_dir, Came.IMPORTED)  # also of a list that was taken in before this was noted
        index = self._versions.index_file(loaded.number)
        mark = _mark(index)
        self._mapped = (index, mark) if mark else None
        self._imported = {"roster_version": loaded.number, "rejected_rows": loaded.facts.rejected}
        return loaded.roster

    def _refused(self, what: str) -> RosterError:
        return RosterError((Problem(self._versions.folder, None, None, what, _BRING),))


def _mark(file: Path) -> tuple[int, int, int] | None:
    """Give by what a file is known (inode, time, size); None where it is not there."""
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size

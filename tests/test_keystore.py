"""A key is made once, read only by its owner, looked for where it was kept, and refused when anything is odd."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from guardrail.errors import KeyStoreError
from guardrail.keystore import SERVICE, forget_key, read_key, read_or_create_key

NAME = "roster"
KEY_FILE = "roster.key"
POINTER = "roster.system"


class Safe(KeyringBackend):
    """A computer's key store: it can be locked, and lose what was in it."""

    priority = 5

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()  # type: ignore[no-untyped-call]  # keyring annotates in part
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def _ask(self) -> None:
        if self.locked:
            raise KeyringLocked

    def get_password(self, service: str, username: str) -> str | None:
        """Give what is kept."""
        self._ask()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self._ask()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        self._ask()
        del self.kept[service, username]


@pytest.fixture
def safe() -> Iterator[Safe]:
    """Give this computer a key store."""
    before, made = keyring.get_keyring(), Safe()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """The first call makes folder and key, closed to others; later calls give the same key."""
    folder = tmp_path / "new" / "data"
    key = read_or_create_key(folder, NAME)
    assert len(key) == 32
    assert read_or_create_key(folder, NAME) == key
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == [folder / KEY_FILE]


@pytest.mark.parametrize("keep", ["file", "system"])
def test_whoever_only_reads_makes_nothing(tmp_path: Path, safe: Safe, keep: Literal["file", "system"]) -> None:
    """No key, no folder; what is there is given as it is, or refused as ever."""
    folder = tmp_path / "data"
    assert read_key(folder, NAME) is None
    assert list(tmp_path.iterdir()) == []
    assert not safe.kept
    key = read_or_create_key(folder, NAME, keep)
    assert read_key(folder, NAME) == key
    safe.locked = True
    if keep == "file":
        (folder / KEY_FILE).chmod(0o644)
    with pytest.raises(KeyStoreError):
        read_key(folder, NAME)


def test_two_folders_have_two_keys(tmp_path: Path) -> None:
    """Keys are random."""
    assert read_or_create_key(tmp_path / "one", NAME) != read_or_create_key(tmp_path / "two", NAME)


def test_many_at_once_get_one_key(tmp_path: Path) -> None:
    """Processes that start together agree on the key of whoever was first."""
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_or_create_key(tmp_path, NAME), range(32)))
    assert len(keys) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o610])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    """The line names the file and the command that mends it."""
    read_or_create_key(tmp_path, NAME)
    (tmp_path / KEY_FILE).chmod(mode)
    with pytest.raises(KeyStoreError) as error:
        read_or_create_key(tmp_path, NAME)
    assert "chmod 600" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("size", [0, 31, 33, 4096])
def test_a_key_of_another_length_is_refused(tmp_path: Path, size: int) -> None:
    """A damaged key is never used nor replaced, and none of it is quoted."""
    file = tmp_path / KEY_FILE
    file.write_bytes(b"K" * size)
    file.chmod(0o600)
    with pytest.raises(KeyStoreError, match="damaged") as error:
        read_or_create_key(tmp_path, NAME)
    assert "KK" not in str(error.value)
    assert file.stat().st_size == size


def _link(file: Path) -> None:
    file.symlink_to("/dev/zero")


def _dangling_link(file: Path) -> None:
    file.symlink_to(file.with_name("nowhere"))


def _folder(file: Path) -> None:
    file.mkdir()


def _pipe(file: Path) -> None:
    os.mkfifo(file, 0o600)


@pytest.mark.parametrize("make", [_link, _dangling_link, _folder, _pipe])
def test_a_key_that_is_no_plain_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """Links (also dangling), folders and pipes are not followed, and nothing waits on them."""
    make(tmp_path / KEY_FILE)
    with pytest.raises(KeyStoreError, match=KEY_FILE):
        read_or_create_key(tmp_path, NAME)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file in the place of the folder is one line, no traceback."""
    (tmp_path / "data").write_text("")
    with pytest.raises(KeyStoreError, match=r"cannot make this folder: .*; name one"):
        read_or_create_key(tmp_path / "data", NAME)


def test_a_full_disk_leaves_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the key cannot be made durable there is none, nor a rest of it."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyStoreError, match="No space left"):
        read_or_create_key(tmp_path, NAME)
    assert not list(tmp_path.iterdir())


def test_the_systems_store_is_taken_where_there_is_one(tmp_path: Path, safe: Safe) -> None:
    """The folder then holds a pointer alone, and nothing of the key."""
    key = read_or_create_key(tmp_path, NAME)
    assert read_or_create_key(tmp_path, NAME) == key
    [(service, account)] = safe.kept
    assert service == SERVICE
    assert [file.name for file in tmp_path.iterdir()] == [POINTER]
    assert (tmp_path / POINTER).read_text() == account


def test_two_folders_share_no_key_of_the_system(tmp_path: Path, safe: Safe) -> None:
    """Each data folder has its own, also under one user."""
    assert read_or_create_key(tmp_path / "one", NAME) != read_or_create_key(tmp_path / "two", NAME)
    assert len(safe.kept) == 2


def test_a_file_that_is_there_is_used_before_the_system(tmp_path: Path, safe: Safe) -> None:
    """A key stays where it was first kept."""
    key = read_or_create_key(tmp_path, NAME, "file")
    assert read_or_create_key(tmp_path, NAME, "system") == key
    assert not safe.kept


def test_many_at_once_leave_one_key_in_the_system(tmp_path: Path, safe: Safe) -> None:
    """Whoever comes second takes its own away again."""
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_or_create_key(tmp_path, NAME), range(32)))
    assert len(keys) == len(safe.kept) == 1


def _lock(safe: Safe) -> None:
    safe.locked = True


def _lose(safe: Safe) -> None:
    safe.kept.clear()


def _damage(safe: Safe) -> None:
    safe.kept = dict.fromkeys(safe.kept, "K" * 8)


@pytest.mark.parametrize("befall", [_lock, _lose, _damage])
def test_a_key_that_the_system_does_not_give_is_never_made_anew(
    tmp_path: Path, safe: Safe, befall: Callable[[Safe], None]
) -> None:
    """A new one would open nothing that the old one closed."""
    read_or_create_key(tmp_path, NAME)
    befall(safe)
    with pytest.raises(KeyStoreError, match=POINTER) as error:
        read_or_create_key(tmp_path, NAME)
    assert "KK" not in str(error.value)
    assert [file.name for file in tmp_path.iterdir()] == [POINTER]


def test_a_store_that_takes_no_key_leaves_none(tmp_path: Path, safe: Safe) -> None:
    """A locked store is said, in a line, with both ways on."""
    safe.locked = True
    with pytest.raises(KeyStoreError, match="unlock it, or set `key_store: file`"):
        read_or_create_key(tmp_path, NAME)
    assert not list(tmp_path.iterdir())


def test_a_key_is_forgotten_where_it_is_kept(tmp_path: Path, safe: Safe) -> None:
    """In the system's store too, once; a store that is locked keeps it, and says so."""
    read_or_create_key(tmp_path, NAME)
    safe.locked = True
    with pytest.raises(KeyStoreError, match="does not let go of a key"):
        forget_key(tmp_path, NAME)
    assert (tmp_path / POINTER).exists()
    safe.locked = False
    for _ in range(2):
        forget_key(tmp_path, NAME)
        assert safe.kept == {}
        assert list(tmp_path.iterdir()) == []


def test_a_computer_without_a_store_says_so(tmp_path: Path) -> None:
    """Asked for the system's store alone, no file is made instead."""
    with pytest.raises(KeyStoreError, match="offers no key store"):
        read_or_create_key(tmp_path, NAME, "system")
    assert not list(tmp_path.iterdir())

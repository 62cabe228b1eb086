"""The key's file: made once, read only by its owner, refused when anything is odd."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from guardrail.errors import RosterError
from guardrail.roster import read_or_create_key
from guardrail.roster.key import KEY_FILE


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """The first call makes folder and key, closed to others; later calls give the same key."""
    folder = tmp_path / "new" / "data"
    key = read_or_create_key(folder)
    assert len(key) == 32
    assert read_or_create_key(folder) == key
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == [folder / KEY_FILE]


def test_two_folders_have_two_keys(tmp_path: Path) -> None:
    """Keys are random."""
    assert read_or_create_key(tmp_path / "one") != read_or_create_key(tmp_path / "two")


def test_many_at_once_get_one_key(tmp_path: Path) -> None:
    """Processes that start together agree on the key of whoever was first."""
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_or_create_key(tmp_path), range(32)))
    assert len(keys) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o610])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    """The line names the file and the command that mends it."""
    read_or_create_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(mode)
    with pytest.raises(RosterError) as error:
        read_or_create_key(tmp_path)
    assert "chmod 600" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("size", [0, 31, 33, 4096])
def test_a_key_of_another_length_is_refused(tmp_path: Path, size: int) -> None:
    """A damaged key is never used nor replaced, and none of it is quoted."""
    file = tmp_path / KEY_FILE
    file.write_bytes(b"K" * size)
    file.chmod(0o600)
    with pytest.raises(RosterError, match="damaged") as error:
        read_or_create_key(tmp_path)
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
    with pytest.raises(RosterError, match=KEY_FILE):
        read_or_create_key(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file in the place of the folder is one line, no traceback."""
    (tmp_path / "data").write_text("")
    with pytest.raises(RosterError, match="cannot read or make the key"):
        read_or_create_key(tmp_path / "data")


def test_a_full_disk_leaves_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the key cannot be made durable there is none, nor a rest of it."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RosterError, match="No space left"):
        read_or_create_key(tmp_path)
    assert not list(tmp_path.iterdir())

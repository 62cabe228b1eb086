"""A file is replaced or made whole or not at all, on disks that know no second name of a file too."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from guardrail.durable import fresh_file, make_file, replace_file, sync_folder

OLD, NEW = b"old", b"new, and longer"


def _link_refused(self: Path, target: Path) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.fixture
def stick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a file system that knows no second name of a file, which FAT says in these words."""
    monkeypatch.setattr(Path, "hardlink_to", _link_refused)


@pytest.fixture(params=["disk", "stick"])
def anywhere(request: pytest.FixtureRequest) -> None:
    """Be on either."""
    if request.param == "stick":
        request.getfixturevalue("stick")


@pytest.mark.parametrize("mode", [0o600, 0o644])
@pytest.mark.parametrize("before", [None, OLD])
def test_a_file_is_replaced(tmp_path: Path, before: bytes | None, mode: int) -> None:
    """All parts in their order, in the mode that was asked for, and nothing beside it."""
    file = tmp_path / "file"
    if before is not None:
        file.write_bytes(before)
    replace_file(file, NEW[:3], memoryview(NEW)[3:], mode=mode)
    assert file.read_bytes() == NEW
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert [*tmp_path.iterdir()] == [file]


def test_what_is_in_a_file_reaches_the_disk_before_its_name_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And then the folder, so that the name is there after the power went."""
    file = tmp_path / "file"
    file.write_bytes(OLD)
    seen: list[tuple[bool, bytes]] = []

    def looks(descriptor: int) -> None:
        seen.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), file.read_bytes()))

    monkeypatch.setattr(os, "fsync", looks)
    replace_file(file, NEW)
    assert seen == [(False, OLD), (True, NEW)]


def _no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


_SYNC, _NAME, _MODE = (os, "fsync"), (Path, "replace"), (Path, "chmod")


@pytest.mark.parametrize("broken", [_SYNC, _NAME, _MODE], ids=["sync", "name", "mode"])
@pytest.mark.parametrize("before", [None, OLD])
def test_a_replacement_that_fails_leaves_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes | None, broken: tuple[object, str]
) -> None:
    """At each step: the file is as before, or there is none; no rest lies beside it."""
    file = tmp_path / "file"
    if before is not None:
        file.write_bytes(before)
    monkeypatch.setattr(*broken, _no_room)
    with pytest.raises(OSError, match="No space"):
        replace_file(file, NEW, mode=0o644)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == ([] if before is None else [before])


@pytest.mark.usefixtures("stick")
@pytest.mark.parametrize("broken", [_SYNC, _NAME, _MODE], ids=["sync", "name", "mode"])
def test_a_file_that_cannot_be_made_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: tuple[object, str]
) -> None:
    """Nor an empty one."""
    monkeypatch.setattr(*broken, _no_room)
    with pytest.raises(OSError, match="No space"):
        make_file(tmp_path / "file", NEW, 0o644)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.usefixtures("anywhere")
def test_of_many_that_make_a_file_one_does(tmp_path: Path) -> None:
    """The others are told that it is there, and it is whole."""
    file = tmp_path / "file"
    contents = [bytes([number]) * 10_000 for number in range(32)]
    with ThreadPoolExecutor(8) as pool:
        made = [*pool.map(lambda content: make_file(file, content), contents)]
    assert made.count(True) == 1
    assert file.read_bytes() == contents[made.index(True)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.usefixtures("anywhere")
@pytest.mark.parametrize("take", [Path.touch, Path.mkdir, lambda file: file.symlink_to("nowhere")])
def test_a_name_that_is_taken_stays_so(tmp_path: Path, take: Callable[[Path], None]) -> None:
    """By a file, a folder or a link that leads nowhere."""
    file = tmp_path / "file"
    take(file)
    before = file.lstat()
    assert not make_file(file, NEW)
    assert file.lstat().st_ino == before.st_ino
    assert [*tmp_path.iterdir()] == [file]


def test_what_breaks_off_is_not_there(tmp_path: Path) -> None:
    """Whoever writes may raise what they like."""
    with pytest.raises(ZeroDivisionError), fresh_file(tmp_path / "file") as out:
        out.write(bytes(1 // 0))
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(("number", "raises"), [(errno.EINVAL, False), (errno.EBADF, False), (errno.EIO, True)])
def test_a_drive_that_syncs_no_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, raises: bool
) -> None:
    """That is no error of ours; a disk that fails is one."""

    def refuse(_: int) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(os, "fsync", refuse)
    if raises:
        with pytest.raises(OSError, match="refused"):
            sync_folder(tmp_path)
    else:
        sync_folder(tmp_path)

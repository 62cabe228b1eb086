"""A file for what is exported: whole or not at all, for its owner alone, and never in the place of another."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from guardrail.cli.opened import destination
from guardrail.errors import LedgerError

BROKEN = "broken"


def test_it_is_there_when_it_is_whole(tmp_path: Path) -> None:
    """Not before, and then for its owner alone; nothing else is left in the folder."""
    file = tmp_path / "out.csv"
    with destination(file) as out:
        out.write("é\r\n")
        out.flush()
        assert not file.exists()
        [part] = tmp_path.iterdir()
        assert part.stat().st_mode & 0o777 == 0o600
    assert file.read_bytes() == "é\r\n".encode()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize("trouble", [RuntimeError(BROKEN), KeyboardInterrupt(), LedgerError(BROKEN)])
def test_what_breaks_off_leaves_nothing(tmp_path: Path, trouble: BaseException) -> None:
    """Neither a half nor a name."""

    def write() -> None:
        with destination(tmp_path / "out") as out:
            out.write("half")
            raise trouble

    with pytest.raises(type(trouble)):
        write()
    assert [*tmp_path.iterdir()] == []


def test_a_full_disk_says_so(tmp_path: Path) -> None:
    """In one line, and nothing is left."""
    says = pytest.raises(LedgerError, match=r"cannot write .*out: no space left on device: choose another place")
    with says, destination(tmp_path / "out"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_file_that_is_there_stays(tmp_path: Path, *, meanwhile: bool) -> None:
    """Also one that came while the export was written, and a link that leads nowhere."""
    file = tmp_path / "out"
    if not meanwhile:
        file.symlink_to("nowhere")
    with pytest.raises(LedgerError, match="is there already: name a new file"), destination(file):
        file.write_text("another's")
    assert (file.read_text() if meanwhile else file.is_symlink()) in ("another's", True)
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_stick_that_knows_no_second_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, meanwhile: bool) -> None:
    """There the file is renamed, and still replaces none."""

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    file = tmp_path / "out"

    def write() -> None:
        with destination(file) as out:
            out.write("whole")
            if meanwhile:
                file.write_text("another's")

    if meanwhile:
        with pytest.raises(LedgerError, match="is there already"):
            write()
    else:
        write()
    assert file.read_text() == ("another's" if meanwhile else "whole")
    assert [*tmp_path.iterdir()] == [file]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """One line."""
    says = pytest.raises(LedgerError, match="no such file or directory: choose another place")
    with says, destination(tmp_path / "no" / "out"):
        pass


def test_a_killed_export_leaves_no_half_under_its_name(tmp_path: Path) -> None:
    """What was written by then has a name that begins with a dot."""
    code = (
        "import os, signal, sys; from pathlib import Path; from guardrail.cli.opened import destination\n"
        "with destination(Path('out')) as out:\n"
        "    out.write('half'); out.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()

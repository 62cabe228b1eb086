"""What dies in the test of killed imports: for each order on standard input it forks an act, and tells how it ended.

An order is `<folder> <act> <seam> <seconds>`; the act is a list's file to be imported, the number of a version to be
put in force again, or `forget`. It is killed before its file operation of that number (0: at none), or once the
seconds are over (0: never). One line out each: `killed`, or `done <seams>`.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from guardrail.roster import Making
from guardrail.roster.exports import Reading, read_export
from guardrail.roster.importing import Terms, import_export
from guardrail.roster.versions import Versions

if TYPE_CHECKING:
    from _typeshed import HasFileno

KEY = b"k" * 32
_EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.listdir", "os.scandir", "os.chmod")


class Seams:
    """Counts what an import does to files, and dies before the planned one."""

    def __init__(self, planned: int) -> None:
        """Take the number of the seam, 0 for none."""
        self.planned = planned
        self.count = 0

    def __call__(self) -> None:
        """Pass the next seam, or never."""
        self.count += 1
        if self.count == self.planned:
            os.kill(os.getpid(), signal.SIGKILL)

    def plant(self, folder: str) -> None:
        """Lay a seam before every file operation in the folder, and around every fsync."""

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event in _EVENTS and str(arguments[0]).startswith(folder):
                self()

        fsync = os.fsync

        def seamed(fd: int | HasFileno) -> None:
            self()
            fsync(fd)
            self()

        sys.addaudithook(hook)
        os.fsync = seamed


def run(folder: Path, act: str, seam: int) -> int:
    """Import a list, go back to a version or forget all, and give how many seams that had."""
    seams = Seams(seam)
    versions = Versions(folder, KEY)
    if act == "forget":
        seams.plant(str(folder.parent))
        versions.forget()
    elif act.isdecimal():
        seams.plant(str(folder.parent))
        versions.put_in_force(int(act))
    else:
        export = read_export(Path(act), KEY, Reading())
        seams.plant(str(folder.parent))
        import_export(versions, Path(act), export, Terms(datetime.now(UTC), Making(), accept_loss=True))
    return seams.count


def main() -> None:
    """Serve orders until standard input ends."""
    gc.freeze()
    for order in iter(sys.stdin.readline, ""):
        folder, act, seam, seconds = order.split()
        mouth, ear = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(ear, f"done {run(Path(folder), act, int(seam))}".encode())
            finally:
                os._exit(0)
        os.close(ear)
        if float(seconds):
            time.sleep(float(seconds))
            os.kill(child, signal.SIGKILL)  # not yet waited for: the number is still its own
        _, status = os.waitpid(child, 0)
        said = os.read(mouth, 100)
        os.close(mouth)
        os.write(1, (said or (b"killed" if os.WIFSIGNALED(status) else b"failed")) + b"\n")


if __name__ == "__main__":
    main()

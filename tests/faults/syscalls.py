"""A ledger's append, killed at each of its system calls: before it, and after it.

`python -m tests.faults.syscalls RUNS` does so RUNS times and prints the counts. By ptrace(2), Linux alone: a child
opens the ledger, stops, and goes from one system call to the next until its turn to be killed has come.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import tempfile
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind
from tests.ledger_keys import KEYS, opened

# sys/ptrace.h
_TRACEME, _SYSCALL, _SETOPTIONS = 0, 24, 0x4200
_SYSGOOD = 1
_SYSCALL_STOP = signal.SIGTRAP | 0x80
_libc = ctypes.CDLL(None, use_errno=True)
_ptrace = _libc.ptrace
_ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_ptrace.restype = ctypes.c_long

FILLED = 250  # so that some append makes a tile full, some a checkpoint


@dataclass(slots=True)
class Counts:
    """What the kills met: how many left the entries, how many none; how far an append goes; what was wrong."""

    runs: int = 0
    kept: int = 0
    nothing: int = 0
    acknowledged: int = 0
    stops: int = 0
    wrong: list[str] = field(default_factory=list)


def run(path: Path, stop: int, number: int) -> tuple[bool, bool]:
    """Append in a child that is killed at this stop; give whether it had said that it was done, and whether it ended.

    A system call has two stops, before and after it.
    """
    said, says = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(said)
            _append(path, number, says)
        except Exception:  # noqa: BLE001 - seen by the parent: nothing was said
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(says)
    try:
        ended = _drive(child, stop)
        return os.read(said, 1) == b"!", ended
    finally:
        os.close(said)


def _append(path: Path, number: int, says: int) -> None:
    ledger = opened(path)
    at = datetime.now(UTC)
    entries = [Entry(EntryKind.NOTED, at, f"n{number}", details={"sealed": {"q": "m"}})] * (number % 3 + 1)
    _ptrace(_TRACEME, 0, None, None)
    os.kill(os.getpid(), signal.SIGSTOP)
    ledger.append(*entries)
    os.write(says, b"!")
    os._exit(0)


def _drive(child: int, stop: int) -> bool:
    """Let the child go on to the stop of that number, and kill it there; say whether it had ended before."""
    _, status = os.waitpid(child, 0)
    assert os.WIFSTOPPED(status), "the child could not be traced"
    _ptrace(_SETOPTIONS, child, None, _SYSGOOD)
    met = 0
    while met < stop:
        _ptrace(_SYSCALL, child, None, None)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            return True
        met += os.WSTOPSIG(status) == _SYSCALL_STOP
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def kill(folder: Path, runs: int) -> Counts:
    """Kill so many appends, all on one ledger, at each stop in turn; check the ledger after each."""
    path, counts = folder / "ledger", Counts()
    ledger = opened(path)
    ledger.append(*[Entry(EntryKind.NOTED, datetime.now(UTC), "before")] * FILLED)
    ledger.close()
    size, stop = FILLED, 0
    while counts.runs < runs:
        stop += 1
        number = counts.runs
        said, ended = run(path, stop, number)
        counts.runs += 1
        counts.stops = max(counts.stops, stop)
        report = verify(path, KEYS)
        whole, more = report.entries - size, number % 3 + 1
        reader = LedgerReader(path)
        last = [stored.entry.workstation for stored in reader.read(size)]
        reader.close()
        if report.reason is not None or whole not in (0, more) or (said and not whole) or set(last) - {f"n{number}"}:
            counts.wrong.append(f"run {number}, stop {stop}: {whole} of {more} entries, said {said}: {report.reason}")
        counts.kept += bool(whole)
        counts.nothing += not whole
        counts.acknowledged += said
        size = report.entries
        if ended:
            stop = 0
    return counts


def main() -> None:
    """Print the counts as JSON."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as name:
        counts = kill(Path(name), runs)
    line = {name: getattr(counts, name) for name in ("runs", "kept", "nothing", "acknowledged", "stops", "wrong")}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.exit(bool(counts.wrong))


if __name__ == "__main__":
    main()

"""A process that crashes leaves no image of its memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

_CRASH = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from guardrail.proxy.crash import leave_no_core
leave_no_core()
os.kill(os.getpid(), int(sys.argv[1]))
"""


@pytest.mark.parametrize("by", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_a_crash_dumps_nothing(tmp_path: Path, by: signal.Signals) -> None:
    """Whatever the user's own limit allows: the system says that it made no image, and none is there."""
    with subprocess.Popen([sys.executable, "-c", _CRASH, str(int(by))], cwd=tmp_path) as process:
        _, status = os.waitpid(process.pid, 0)
        process.returncode = -os.WTERMSIG(status)
    assert (os.WTERMSIG(status), os.WCOREDUMP(status)) == (by, False)
    assert [*tmp_path.iterdir()] == []

"""What a crash leaves behind: nothing that was typed."""

from __future__ import annotations

import os
import sys


def leave_no_core() -> None:
    """Have the system keep no image of this process's memory if it crashes; Windows keeps none unless told to."""
    if os.name != "posix":
        return
    import resource  # noqa: PLC0415 - Windows has none

    # Linux hands an image to a program (systemd's, Ubuntu's) whatever the limit, but for 1 byte: by that it knows a
    # dump of such a program itself, and makes none (fs/coredump.c). A file of 1 byte is less than it would write.
    most = 1 if sys.platform == "linux" else 0
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))

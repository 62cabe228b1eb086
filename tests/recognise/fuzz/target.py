"""The process that fuzzes: `python -m tests.recognise.fuzz.target FOLDER [libFuzzer's options]`.

In FOLDER stand `seeds/` and `words`; samples that took long are put into `slow/`, named by their milliseconds.
libFuzzer runs until its time is over (0), or stops at the first breach (77).
"""

from __future__ import annotations

import heapq
import importlib
import sys
import zlib
from pathlib import Path

SLOW = 0.05
"""Seconds of CPU; the counting of edges slows the process, so each is measured again outside of it."""
_KEPT = 60


def main(arguments: list[str]) -> None:
    """Instrument the recogniser, load it, and fuzz."""
    folder = Path(arguments[0])
    atheris = importlib.import_module("atheris")  # typed nowhere, and on Linux only
    atheris.enabled_hooks.add("str")
    with atheris.instrument_imports(include=["guardrail.recognise"], enable_loader_override=False):
        checks_module = importlib.import_module("tests.recognise.fuzz.checks")
        load = importlib.import_module("guardrail.recognise.load")
    checks = checks_module.Checks(load.load_sites())
    slow: list[tuple[float, Path]] = []

    def test_one_input(data: bytes) -> None:
        taken = checks(data)
        if taken > SLOW and (len(slow) < _KEPT or taken > slow[0][0]):
            file = folder / "slow" / f"{taken * 1000:06.0f}-{zlib.crc32(data):08x}"
            file.write_bytes(data)
            heapq.heappush(slow, (taken, file))
            if len(slow) > _KEPT:
                heapq.heappop(slow)[1].unlink(missing_ok=True)

    atheris.Setup([sys.argv[0], *arguments[1:], str(folder / "seeds")], test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])

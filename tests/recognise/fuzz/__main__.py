"""Fuzz recognition, guided by coverage: `python -m tests.recognise.fuzz --seconds 600` (Linux).

Prints one JSON line: executions, edges, features and size of the corpus, and what was found: a breach with its
traceback above, and samples on which recognising or learning takes longer than 50 ms of CPU (where `--clock`).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import orjson

from guardrail.recognise.load import OUR_SITES, load_sites
from tests.recognise.fuzz import samples
from tests.recognise.fuzz.checks import Checks
from tests.recognise.fuzz.target import SLOW

_COUNTS = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/(\S+)")
_TRIES = 5


def main(arguments: list[str]) -> int:
    """Run the fuzzer and tell what it found; 0 where that is nothing."""
    parser = argparse.ArgumentParser(prog="tests.recognise.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1, help="of the mutations; the same seed, the same way")
    parser.add_argument("--seeds", type=int, default=100, help="per cent of the recorded samples to start from")
    parser.add_argument("--keep", type=Path, help="keep seeds, corpus and findings in this folder, and go on from it")
    parser.add_argument("--no-clock", dest="clock", action="store_false", help="do not judge by time")
    options = parser.parse_args(arguments)
    checks = Checks(load_sites())
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        code, last = fuzz(folder, options.seconds, options.seed, options.seeds)
        slow = list(slow_samples(folder / "slow", checks)) if options.clock else []
    found = _COUNTS.findall(last)
    counts = dict(zip(("executions", "edges", "features", "corpus", "bytes"), found[-1] if found else (), strict=False))
    line = {"seconds": options.seconds, **counts, "breaches": int(code != 0), "slow": slow}
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    return int(code != 0 or bool(slow))


def fuzz(folder: Path, seconds: int, seed: int, share: int) -> tuple[int, str]:
    """Fuzz in a process of its own; give its exit status and what it wrote, which is shown where it failed."""
    for name in ("seeds", "slow", "found"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for data in samples.seeds():
        digest = zlib.crc32(data)
        if digest % 100 < share:
            (folder / "seeds" / f"{digest:08x}").write_bytes(data)
    (folder / "words").write_text(samples.dictionary(samples.words(OUR_SITES)), encoding="ascii")
    options = {
        "max_total_time": seconds,
        "seed": seed,
        "max_len": 64 * 1024,
        "len_control": 0,
        "timeout": 120,
        "rss_limit_mb": 3000,
        "dict": folder / "words",
        "artifact_prefix": f"{folder / 'found'}/",
        "reload": 0,
    }
    given = [f"-{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "tests.recognise.fuzz.target", str(folder), *given]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        sys.stderr.write(done.stdout[-8000:] + done.stderr[-3000:])
    return done.returncode, done.stderr


def slow_samples(folder: Path, checks: Checks) -> Iterator[str]:
    """Give which of the samples are slow without instruments too, at the best of several tries."""
    for file in sorted(folder.iterdir(), reverse=True):
        data = file.read_bytes()
        taken = min(checks(data) for _ in range(_TRIES))
        if taken > SLOW:
            yield f"{file.name}: {taken * 1000:.0f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

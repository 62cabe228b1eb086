"""A throw-away PostgreSQL server for tests: in a folder of its own, on a Unix socket alone, ended by its own number."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

PATIENCE = 60.0


def programs() -> Path:
    """Give the folder of the newest PostgreSQL's programs; `scripts/postgres.sh` installs them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    assert on_path, "PostgreSQL's programs are missing: run scripts/postgres.sh"
    return Path(on_path).parent


class Server:
    """A PostgreSQL as durable as a real one (fsync on)."""

    def __init__(self) -> None:
        """Make its folder and its first database; it does not run yet."""
        self.folder = Path(tempfile.mkdtemp(prefix="guardrail-pg-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # the server refuses to be root
            names = [user.pw_name for user in pwd.getpwall()]
            user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.data = self.folder / "data"
        # trust: only who may enter the folder reaches the socket.
        self._call(
            "initdb", "--no-sync", "--auth=trust", "--username=owner", "--encoding=UTF8", "--locale=C", self.data
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            [programs() / "postgres", "-D", self.data, "-k", self.folder, "-c", "listen_addresses=",
             "-c", "max_connections=250", "-c", "shared_buffers=64MB", "-c", "logging_collector=off"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self.folder, start_new_session=True, **self._as,
        )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.conninfo("postgres")).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, "PostgreSQL ended at once"
                assert time.monotonic() < until, "PostgreSQL does not answer"
                time.sleep(0.02)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT at once and cleanly, SIGQUIT as a crash would."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE)
            self._process = None

    def kill(self) -> None:
        """Kill it: the first process and all that it started, which hold its memory."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        self._process = None

    def close(self) -> None:
        """End it, and leave nothing: what it would still write goes as well."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def create(self, name: str) -> str:
        """Make a database, and give its address."""
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def url(self, name: str, user: str = "owner") -> str:
        """Give the address of a database."""
        return f"postgresql+psycopg://{user}@/{name}?host={self.folder}"

    def conninfo(self, name: str) -> str:
        """Give the address in libpq's own words."""
        return f"host={self.folder} dbname={name} user=owner"

    @property
    def socket(self) -> Path:
        """The socket on which it listens."""
        return self.folder / ".s.PGSQL.5432"

    def _call(self, name: str, *arguments: str | Path) -> None:
        subprocess.run(
            [programs() / name, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self._as
        )

"""Requests per second through guardrail, side by side with bare mitmdump in the same run: JSON lines on stdout.

`guardrail` is `guardrail run`, `addon` is guardrail inside of mitmdump, `bare` is mitmdump alone: on the same
machine before the same TLS site, asked in turns over one kept-alive connection each, so that whatever else the
machine does meets all. A ratio is that of the medians over all rounds; processor time tells them apart also
where others use the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.proxy.rig import certificates, in_thread

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "150"))
WARM_UP = 2
LOOPBACK = Path(__file__).with_name("loopback.py")
SETTINGS = "rules: rules.yaml\nroster: roster.csv\ndata_dir: {data}\npages_port: 0\nlisten_port: {port}\n"

FORM = b"fb_api_req_friendly_name=CometFeedStoryMenuQuery&doc_id=1234567890&variables=%7B%22id%22%3A%221%22%7D"
CASES = {
    "unwatched host": ("www.example.test", "GET", "/app.js", b""),
    "watched host's asset": ("www.facebook.com", "GET", "/rsrc.php/v4/yK/r/a.js", b""),
    "watched host's JSON call": ("www.facebook.com", "POST", "/api/graphql/", FORM),
}
ASSET = b"x" * 20_000
ANSWER = json.dumps({"data": {"node": {"id": "1", "__typename": "Story", "text": "words " * 150}}}).encode()


@dataclass(frozen=True)
class Proxy:
    """A running mitmdump."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Give the processor time that it has used: it tells the two apart also on a machine that others use."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def site(folder: Path) -> AsyncIterator[int]:
    """Serve the two answers over TLS, as fast as Python can."""
    _, chain = certificates(folder)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(chain)

    def answer(kind: str, body: bytes) -> bytes:
        return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body

    asset, data = answer("text/javascript", ASSET), answer("application/json", ANSWER)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"POST"):
                    await reader.readexactly(len(FORM))
                writer.write(data if head.startswith(b"POST") else asset)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=trust)
    yield server.sockets[0].getsockname()[1]
    server.close()


@contextlib.contextmanager
def proxy(folder: Path, site_port: int, port: int, *command: str) -> Iterator[Proxy]:
    """Run a proxy that listens on `port`, in `folder`."""
    environment = {**os.environ, "BENCH_SITE_PORT": str(site_port), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield Proxy(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """Give a port that nothing listens on."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
    return port


def mitmdump(folder: Path, site_port: int, *extra: str) -> contextlib.AbstractContextManager[Proxy]:
    """Run mitmdump, as quiet and as lazy as guardrail makes it."""
    port = free_port()
    options = {"ssl_insecure": "true", "connection_strategy": "lazy", "flow_detail": "0", "confdir": str(folder)}
    sets = [part for name, value in options.items() for part in ("--set", f"{name}={value}")]
    command = (str(Path(sys.executable).with_name("mitmdump")), "-q", "-p", str(port), "--listen-host", "127.0.0.1")
    return proxy(folder, site_port, port, *command, *sets, "-s", str(LOOPBACK), *extra)


def guardrail(folder: Path, site_port: int) -> contextlib.AbstractContextManager[Proxy]:
    """Run guardrail as `guardrail run` does."""
    port = free_port()
    settings = folder / "run.yaml"
    settings.write_text(SETTINGS.format(data="run", port=port))
    return proxy(folder, site_port, port, sys.executable, str(LOOPBACK), str(settings))


@dataclass
class Client:
    """One kept-alive connection through a proxy."""

    stream: ssl.SSLSocket
    request: bytes

    @classmethod
    def through(cls, port: int, host: str, method: str, path: str, body: bytes) -> Client:
        """Connect to a host through the proxy at `port`."""
        raw = socket.create_connection(("127.0.0.1", port), timeout=30)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.sendall(f"CONNECT {host}:443 HTTP/1.1\r\n\r\n".encode())
        assert b" 200 " in raw.recv(1000)
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        kind = "content-type: application/x-www-form-urlencoded\r\n" if body else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: Mozilla/5.0\r\naccept: */*\r\n"
            "sec-fetch-mode: cors\r\nsec-fetch-dest: empty\r\nsec-fetch-site: same-origin\r\n"
            f"referer: https://{host}/\r\ncookie: {'c' * 300}\r\n{kind}content-length: {len(body)}\r\n\r\n"
        )
        return cls(trust.wrap_socket(raw, server_hostname=host), head.encode() + body)

    def seconds_for(self, count: int) -> float:
        """Ask `count` times, one after the other."""
        expected = len(ANSWER) if self.request.startswith(b"POST") else len(ASSET)
        begun = time.perf_counter()
        for _ in range(count):
            self.stream.sendall(self.request)
            got = b""
            while b"\r\n\r\n" not in got:
                got += self.stream.recv(65536)
            head, _, body = got.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            left = expected - len(body)
            while left > 0:
                left -= len(self.stream.recv(65536))
        return time.perf_counter() - begun


def main() -> None:
    """Run all cases and print a line for each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "rules.yaml", folder / "rules.yaml")
        shutil.copy(ROOT / "guardrail" / "roster" / "sample.csv", folder / "roster.csv")
        (folder / "addon.yaml").write_text(SETTINGS.format(data="addon", port=0))
        addon = ("-s", str(ROOT / "addons" / "guardrail_addon.py"), "--set", "guardrail_settings=addon.yaml")
        with (
            in_thread(site(folder)) as site_port,
            mitmdump(folder, site_port) as bare,
            guardrail(folder, site_port) as ours,
            mitmdump(folder, site_port, *addon) as inside,
        ):
            proxies = {"bare": bare, "guardrail": ours, "addon": inside}
            for case, request in CASES.items():
                line = {"bench": "proxy", "case": case, **measure(proxies, request)}
                print(json.dumps(line), flush=True)  # noqa: T201 - what a bench is for


def measure(proxies: dict[str, Proxy], request: tuple[str, str, str, bytes]) -> dict[str, float]:
    """Ask through each in turns, and compare the medians."""
    clients = {which: Client.through(proxy.port, *request) for which, proxy in proxies.items()}
    rates: dict[str, list[float]] = {which: [] for which in proxies}
    cpu = dict.fromkeys(proxies, 0.0)
    for round_ in range(ROUNDS + WARM_UP):
        for which in sorted(proxies, reverse=bool(round_ % 2)):
            before = proxies[which].cpu_seconds()
            rate = REQUESTS / clients[which].seconds_for(REQUESTS)
            if round_ >= WARM_UP:
                rates[which].append(rate)
                cpu[which] += proxies[which].cpu_seconds() - before
    for client in clients.values():
        client.stream.close()
    medians = {which: statistics.median(found) for which, found in rates.items()}
    each = 1e6 / (ROUNDS * REQUESTS)
    return {
        **{f"{which}_per_second": round(median) for which, median in medians.items()},
        **{f"{which}_ratio": round(medians[which] / medians["bare"], 3) for which in ("guardrail", "addon")},
        **{f"{which}_cpu_microseconds": round(spent * each) for which, spent in cpu.items()},
        "rounds": ROUNDS,
        "requests": REQUESTS,
    }


if __name__ == "__main__":
    main()

"""A real mitmproxy in a thread of its own, a real TLS site on loopback, and curl as the client."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import logging
import socket
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import uvicorn
import wsproto
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mitmproxy import addons, master, options
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from guardrail.gate import Answered, Gate, Pass
from guardrail.model.action import Action, ActionKind
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.model.people import Clinician
from guardrail.proxy import authority, launch
from guardrail.proxy.addon import GuardrailAddon
from guardrail.proxy.serve import LoopbackServer, listen
from guardrail.proxy.trip import Road
from guardrail.proxy.who import Who
from guardrail.recognise import Unread
from guardrail.settings import Settings

WATCHED, FREE = "www.watched.test", "www.free.test"
NAVIGATION = ("sec-fetch-mode: navigate", "sec-fetch-dest: document", "accept: text/html")
SECRET = "the-run's-own"

type Decide = Callable[[HttpRequest, Clinician], Pass | Answered]


class PlainGate(Gate):
    """Watches one host; what asks for `/held…` is an action, about which `decide` is asked."""

    def __init__(self) -> None:
        """Start with a gate that lets everything pass."""
        self.decide_with: Decide = lambda _request, _clinician: Pass()
        self.seen: list[HttpRequest] = []
        self.learned: list[HttpResponse] = []
        self.fault: Exception | None = None

    def watches(self, host: str) -> bool:
        """Watch the one host, or fail as planted."""
        if self.fault is not None:
            raise self.fault
        return host == WATCHED

    def recognise(self, request: HttpRequest) -> Action | Unread | None:
        """Note the request, and take `held` for an action."""
        self.seen.append(request)
        held = request.path.startswith("/held") or b"held" in request.body
        return Action(ActionKind.SEARCH, "watched", "test") if held else None

    async def decide(
        self, request: HttpRequest, recognised: Action | Unread | None, clinician: Clinician
    ) -> Pass | Answered:
        """Ask the test."""
        return self.decide_with(request, clinician)

    def learn(self, request: HttpRequest, response: HttpResponse) -> None:
        """Note the answer."""
        self.learned.append(response)


@dataclass
class Site:
    """A TLS site for every host of the tests. `seen` is what reached it."""

    port: int
    ca: Path
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)


@dataclass
class Answer:
    """What curl got."""

    status: int
    headers: dict[str, str]
    body: bytes
    version: str
    exit_code: int

    def json(self) -> dict[str, Any]:
        """Give the body as JSON."""
        return cast("dict[str, Any]", json.loads(self.body))


@dataclass
class Rig:
    """The running proxy with its parts."""

    site: Site
    gate: PlainGate
    addon: GuardrailAddon
    ca: Path
    port: int = 0
    incidents: list[tuple[str, str]] = field(default_factory=list)

    def url(self, path: str, host: str = WATCHED) -> str:
        """Give an address of the site."""
        return f"https://{host}:{self.site.port}{path}"

    def curl(
        self, url: str, *arguments: str, headers: tuple[str, ...] = (), ca: Path | None = None, stdin: bytes = b""
    ) -> Answer:
        """Ask through the proxy."""
        wanted = [part for header in headers for part in ("-H", header)]
        through = ("-x", f"http://127.0.0.1:{self.port}", "--cacert", str(ca or self.ca))
        return curl(url, *through, *wanted, *arguments, stdin=stdin)

    @contextlib.contextmanager
    def stream(self, url: str, headers: tuple[str, ...]) -> Iterator[IO[bytes]]:
        """Ask with curl, and give the body as it comes."""
        wanted = [part for header in headers for part in ("-H", header)]
        through = ("-x", f"http://127.0.0.1:{self.port}", "--cacert", str(self.ca))
        command = ["curl", "--silent", "--no-buffer", "--max-time", "20", "--noproxy", "", *through, *wanted, url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as process:
            assert process.stdout is not None
            yield process.stdout

    def talk[T: (str, bytes)](self, path: str, messages: list[T], *, cookie: str = "") -> list[T]:
        """Open a WebSocket, send the messages, and give what came back until the site had the last."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        raw.sendall(f"CONNECT {WATCHED}:{self.site.port} HTTP/1.1\r\n\r\n".encode())
        assert b" 200 " in raw.recv(1000)
        trust = ssl.create_default_context(cafile=str(self.ca))
        talk = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
        answers: list[T] = []
        with trust.wrap_socket(raw, server_hostname=WATCHED) as secure:
            headers = [(b"cookie", cookie.encode())] if cookie else []
            asked = wsproto.events.Request(f"{WATCHED}:{self.site.port}", path, extra_headers=headers)
            secure.sendall(talk.send(asked))
            while not answers or not answers[-1].endswith(messages[-1]):
                talk.receive_data(secure.recv(10_000))
                for event in talk.events():
                    if isinstance(event, wsproto.events.AcceptConnection):
                        for message in messages:
                            secure.sendall(talk.send(wsproto.events.Message(message)))
                    elif isinstance(event, wsproto.events.Message):
                        answers.append(event.data)
                    else:
                        raise TypeError(event)
            secure.sendall(talk.send(wsproto.events.CloseConnection(1000)))
        return answers


def curl(url: str, *arguments: str, stdin: bytes = b"") -> Answer:
    """Ask with curl; its exit code stands for what is no HTTP answer at all."""
    write = "%{stderr}%{http_code} %{http_version} %{header_json}"
    done = subprocess.run(
        ["curl", "--silent", "--max-time", "20", "--noproxy", "", "-w", write, *arguments, url],
        capture_output=True,
        check=False,
        input=stdin,
    )
    status, version, headers = done.stderr.decode("latin-1").split(" ", 2)
    flat = {name: ", ".join(values) for name, values in json.loads(headers).items()}
    return Answer(int(status), flat, done.stdout, version, done.returncode)


@contextlib.contextmanager
def in_thread[T](scene: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Hold an async scene open in an event loop of its own thread."""
    outcome: Future[T] = Future()
    ends: list[Callable[[], object]] = []

    async def play() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        ends.append(lambda: loop.call_soon_threadsafe(stop.set))
        try:
            async with scene as value:
                outcome.set_result(value)
                await stop.wait()
        except BaseException as error:
            if not outcome.done():
                outcome.set_exception(error)
                return
            raise

    thread = threading.Thread(target=lambda: asyncio.run(play()))
    thread.start()
    try:
        yield outcome.result(30)
    finally:
        ends[0]()
        thread.join(30)


def resolve_to_loopback(loop: asyncio.AbstractEventLoop) -> None:
    """Let every host of the tests be this machine; any other name is an error, so nothing goes out."""
    real = loop.getaddrinfo

    async def getaddrinfo(host: Any, port: Any, **kinds: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if not (name.endswith(".test") or name == "127.0.0.1"):
            raise OSError(f"the tests know no {name}")
        return await real("127.0.0.1", port, **kinds)

    loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign]  # the one seam between mitmproxy and the resolver


@contextlib.asynccontextmanager
async def proxy(rig: Rig, folder: Path, *, closed: bool = False, **extra: Any) -> AsyncIterator[Rig]:
    """Run mitmproxy with our hooks on any free port; `extra` are its options, or parts of the road."""
    loop = asyncio.get_running_loop()
    resolve_to_loopback(loop)
    for name in ("hpack", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    settings = Settings(clinician_from="os-user", clinician_id="dr-wren", learn_limit=100_000, body_limit=100_000)
    road_parts = {name: extra.pop(name) for name in ("who", "practice", "learns_from") if name in extra}
    pages = LoopbackServer(echo(), 0, what="pages")

    async def failed(incident: str, place: str) -> None:
        rig.incidents.append((incident, place))

    road = Road(
        gate=rig.gate,
        pages=pages.address,
        secret=SECRET,
        failed=failed,
        body_limit=settings.body_limit,
        learn_limit=settings.learn_limit,
        **{
            "who": Who(settings),
            "learns_from": lambda request, _kind: request.path.startswith("/learn"),
            **road_parts,
        },
    )
    made = master.Master(
        options.Options(
            mode=[extra.pop("mode", "regular")],
            listen_host="127.0.0.1",
            listen_port=0,
            ssl_verify_upstream_trusted_ca=str(rig.site.ca),
        )
    )
    made.addons.add(*addons.default_addons(), rig.addon)
    made.options.update(**launch.road_options(folder, settings) | extra)
    if not closed:
        rig.addon.open(road)
    pages.start()
    running = loop.create_task(made.run())
    server = made.addons.get("proxyserver")
    while not server.is_running:  # noqa: ASYNC110 - mitmproxy offers no event for it
        await asyncio.sleep(0.01)
    rig.port = server.listen_addrs()[0][1]
    try:
        yield rig
    finally:
        made.shutdown()
        await running
        await server.servers.update([])  # mitmproxy leaves its ports to the process's end
        await pages.stop()


def echo() -> Starlette:
    """Make an app that says what it was asked; in the place of our own pages."""

    async def show(request: Request) -> Response:
        return JSONResponse({"path": str(request.url), "headers": dict(request.headers)})

    return Starlette(routes=[Route("/{path:path}", show, methods=["GET", "POST"])])


@contextlib.asynccontextmanager
async def clinic_proxy(targets: list[str]) -> AsyncIterator[int]:
    """Run a clinic's own proxy: it tunnels to this machine whatever it is asked for, and notes it."""

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        target = head.split()[1].decode()
        targets.append(target)
        there = await asyncio.open_connection("127.0.0.1", int(target.rpartition(":")[2]))
        writer.write(b"HTTP/1.1 200 go on\r\n\r\n")
        await asyncio.gather(pipe(reader, there[1]), pipe(there[0], writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@contextlib.asynccontextmanager
async def site(folder: Path, app: Callable[[Site], Starlette]) -> AsyncIterator[Site]:
    """Serve `app` over TLS on any free port, for the hosts of the tests."""
    ca, chain = certificates(folder)
    taken = listen("127.0.0.1", 0, "the site")
    served = Site(taken.getsockname()[1], ca)
    config = uvicorn.Config(
        app(served),
        log_config=None,
        lifespan="off",
        ssl_certfile=chain,
        ssl_keyfile=chain,
        ws="wsproto",
        timeout_graceful_shutdown=1,
    )
    server = SilentServer(config)
    serving = asyncio.get_running_loop().create_task(server.serve(sockets=[taken]))
    try:
        yield served
    finally:
        server.should_exit = True
        await serving
        taken.close()


class SilentServer(uvicorn.Server):
    """uvicorn outside of the main thread, where no signal comes."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def certificates(folder: Path) -> tuple[Path, Path]:
    """Make the site's own authority and a leaf for its hosts; give the files of the authority and the chain."""
    now = dt.datetime.now(dt.UTC)

    def certificate(name: str, key: Any, issuer: str, signer: Any, *extensions: x509.ExtensionType) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=2))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(signer, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = "the site's own authority"
    ca = certificate(ca_name, ca_key, ca_name, ca_key, x509.BasicConstraints(ca=True, path_length=None))
    hosts = x509.SubjectAlternativeName([x509.DNSName("*.watched.test"), x509.DNSName("*.free.test")])
    leaf = certificate("the site", key, ca_name, ca_key, hosts)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    ca_file, chain_file = folder / "site-ca.pem", folder / "site-chain.pem"
    ca_file.write_bytes(ca.public_bytes(pem))
    chain_file.write_bytes(secret + leaf.public_bytes(pem))
    return ca_file, chain_file


@contextlib.contextmanager
def rig_of(served: Site, folder: Path, **extra: Any) -> Iterator[Rig]:
    """Start a proxy before `served`."""
    authority.ensure(folder / "ca", ["watched.test"])
    made = Rig(served, PlainGate(), GuardrailAddon(), authority.certificate_file(folder / "ca"))
    with in_thread(proxy(made, folder / "ca", **extra)):
        yield made

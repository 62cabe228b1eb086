"""The pages as they run: a real desk on a real ledger, the shipped policy, uvicorn on loopback, real Chromium."""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import re
import secrets
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from guardrail.holds.desk import Desk
from guardrail.ledger.store import SqliteLedger
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import FiredRule
from guardrail.model.entry import Entry
from guardrail.model.hold import Hold
from guardrail.model.http import HttpRequest
from guardrail.model.people import ClientMatch, Clinician, Population
from guardrail.policy.evaluate import evaluate
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy
from guardrail.practice.browser import find_browser
from guardrail.settings import Settings
from guardrail.web.app import build
from tests.ledger_keys import opened

RULES = Path(__file__).parents[2] / "rules.yaml"
CHROMIUM = find_browser()
SECRET = "the secret of this run"
WATCHED = frozenset({"www.facebook.com", "www.instagram.com", "localhost"})
CLINICIAN = Clinician("n.okafor", "os-user")
CLIENT = ClientMatch("C-1042", "J.D.", Population.CURRENT, "name")


@dataclass(slots=True)
class Clock:
    """The real time, moved by as much as a test says."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """Give the time."""
        return datetime.now(UTC) + self.ahead


class Ids:
    """Ids as unguessable as those of the product."""

    def new(self) -> str:
        """Give an id."""
        return secrets.token_urlsafe(18)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def token(self) -> str:
        """The form token on the page."""
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.text)
        assert found is not None
        return found[1]


@dataclass(slots=True)
class Site:
    """The running pages, and what a test may do to them from outside."""

    port: int
    desk: Desk
    policy: Policy
    ledger: SqliteLedger
    clock: Clock
    loop: asyncio.AbstractEventLoop
    stop: Callable[[], None]
    clinician: Clinician = CLINICIAN

    @property
    def address(self) -> str:
        """Give where the pages are served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def proxy_headers(self) -> dict[str, str]:
        """What the proxy adds to each request."""
        return {
            "x-guardrail-secret": SECRET,
            "x-guardrail-clinician": self.clinician.id,
            "x-guardrail-how": self.clinician.how,
        }

    def run[Result](self, step: Coroutine[Any, Any, Result]) -> Result:
        """Do something at the desk, in the loop that it lives in."""
        return asyncio.run_coroutine_threadsafe(step, self.loop).result(30)

    def ask(self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Send one request with the proxy's headers (a None-like empty value leaves a header out)."""
        sent = {**self.proxy_headers, **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {name: value for name, value in sent.items() if value})
            answer = connection.getresponse()
            text = answer.read().decode()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        """GET, as a browser behind the proxy does."""
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Reply:
        """POST a form, as our own page does unless `headers` say otherwise."""
        own = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, urlencode(fields), {**own, **given})

    def hold(
        self,
        kind: ActionKind = ActionKind.SEARCH,
        site: str = "google",
        url: str = "https://www.google.com/search?q=jane+doe",
        match: ClientMatch | None = CLIENT,
        **changes: Any,
    ) -> Hold:
        """Open a hold as the gate does."""
        return self.run(self._hold(kind, site, url, match, **changes))

    async def _hold(
        self,
        kind: ActionKind,
        site: str,
        url: str,
        match: ClientMatch | None,
        *,
        page: bool = True,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        clinician: Clinician | None = None,
        actor: str | None = None,
        tells: str | None = None,
        subject: Subject | None = None,
        fired: FiredRule | None = None,
    ) -> Hold:
        who = clinician or self.clinician
        mode = ((b"Sec-Fetch-Mode", b"navigate"), (b"Sec-Fetch-Dest", b"document")) if page else ()
        host, _, rest = url.removeprefix("https://").partition("/")
        path, _, query = rest.partition("?")
        request = HttpRequest("GET", "https", host, 443, "/" + path, query, (*mode, *headers))
        action = Action(kind, site, "test", subject or Subject(query="jane doe"), actor_id=actor, tells=tells)
        decision = evaluate(self.policy, action, (match,) if match else (), who, self.clock.now())
        if fired is not None:
            decision = replace(decision, verdict=fired.verdict, rule=fired, fired=(fired,))
        return await self.desk.open(request, action, decision, who)

    def know(self, clinician: Clinician | None = None) -> None:
        """Let the clinician have read the notice."""
        self.run(self.desk.acknowledge_notice(clinician or self.clinician))

    def entries(self) -> list[Entry]:
        """Give the ledger's entries."""
        return [stored.entry for stored in self.ledger.read()]

    def kinds(self) -> list[str]:
        """Give the kinds of the ledger's entries, in order."""
        return [entry.kind.value for entry in self.entries()]


@pytest.fixture
def settings() -> Settings:
    """Give the settings of an ordinary workstation, with one emergency contact."""
    return Settings.model_validate({"emergency_contacts": {"C-1042": "Ama Doe (sister), 604-555-0188"}})


@contextmanager
def running(app: ASGIApp, **options: Any) -> Iterator[tuple[int, asyncio.AbstractEventLoop, Callable[[], None]]]:
    """Serve an app by uvicorn on loopback: its port, its loop, and how to stop it (done at the end in any case)."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none", **options))
    loop = asyncio.new_event_loop()
    started = threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.call_soon(started.set)
        loop.run_until_complete(server.serve(sockets=[listening]))
        loop.run_until_complete(_settle())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(30)

    def stop() -> None:
        if isinstance(app, Starlette) and hasattr(app.state, "close") and not loop.is_closed():
            loop.call_soon_threadsafe(app.state.close)
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the server did not stop"

    try:
        yield listening.getsockname()[1], loop, stop
    finally:
        stop()
        listening.close()


@pytest.fixture
def serve(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., Site]]:
    """Serve the pages; given arguments go to uvicorn."""
    with ExitStack() as stack:

        def start(**options: Any) -> Site:
            ledger = opened(tmp_path / "ledger.db")
            stack.callback(ledger.close)
            clock, policy = Clock(), load_policy(RULES)
            desk = Desk(ledger, clock, Ids(), "desk-3", b"k" * 32, lambda: policy)
            app = build(
                desk,
                lambda: policy,
                settings,
                SECRET,
                lambda: "function FindProxyForURL() {}",
                b"CERTIFICATE",
                WATCHED.__contains__,
            )
            port, loop, stop = stack.enter_context(running(app, **options))
            return Site(port, desk, policy, ledger, clock, loop, stop)

        yield start


async def _settle() -> None:
    """End what libraries left running in the loop (the event stream's own watcher of the server)."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture
def site(serve: Callable[..., Site]) -> Site:
    """Serve the pages as usual."""
    return serve()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a throw-away certificate and key, self-signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


async def _results(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("results")


@pytest.fixture(scope="module")
def browser(certificate: tuple[Path, Path]) -> Iterator[Browser]:
    """Launch real Chromium; what it asks of www.google.com is answered here."""
    google = Starlette(routes=[Route("/{path:path}", _results)])
    tls = {"ssl_certfile": str(certificate[0]), "ssl_keyfile": str(certificate[1])}
    with running(google, **tls) as (port, _loop, _stop), sync_playwright() as playwright:
        rule = f"--host-resolver-rules=MAP www.google.com:443 127.0.0.1:{port}"
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", rule])
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser: Browser, site: Site) -> Iterator[Page]:
    """Open a tab whose requests carry what the proxy adds."""
    context = browser.new_context(
        extra_http_headers=site.proxy_headers,
        locale="en-CA",
        ignore_https_errors=True,
        viewport={"width": 1280, "height": 720},
    )
    yield context.new_page()
    context.close()

"""The composition root: from Settings to parts, and their life beside mitmproxy's."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from mitmproxy import addonmanager, ctx, exceptions, master

from guardrail import practice
from guardrail.canary import Canary, read_tally
from guardrail.changes import Changes
from guardrail.door import Door
from guardrail.errors import GuardrailError
from guardrail.gate import Gate
from guardrail.holds.desk import Desk
from guardrail.house import House, RandomIds, SystemClock
from guardrail.keystore import read_or_create_key
from guardrail.ledger.keys import ledger_keys
from guardrail.ledger.pulse import Pulse
from guardrail.ledger.spool import spool_of
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import EntryKind, Json
from guardrail.outlets import forwarder_of, metrics_of
from guardrail.proxy import authority, launch
from guardrail.proxy.addon import GuardrailAddon
from guardrail.proxy.crash import leave_no_core
from guardrail.proxy.pac import pac
from guardrail.proxy.serve import LOOPBACK, LoopbackServer
from guardrail.proxy.trip import Practice, Road
from guardrail.proxy.who import Who
from guardrail.recognise import Identities, SiteIndex
from guardrail.recognise.hosts import registrable
from guardrail.reload import Live
from guardrail.settings import CA_FOLDER, LEDGER_FILE, ROSTER_KEY, Settings, read_settings
from guardrail.tenancy import Tenancy
from guardrail.tending import Tending
from guardrail.web import app as web
from guardrail.witness.sender import Sender, keep_keys, read_witnesses

_ANYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, not listened on

# mitmproxy ends where its own log carries an error while it starts; structlog does not reach it.
_log = logging.getLogger(__name__)


def domains(settings: Settings, sites: SiteIndex) -> tuple[str, ...]:
    """Give the registrable domains for which traffic is decrypted: the CA and the PAC file cover these."""
    practised = {registrable(host) for host in practice.HOSTS} if settings.practice else set()
    return tuple(sorted({*sites.domains, *(domain for domain in practised if domain is not None)}))


def build(settings: Settings) -> House:
    """Build all parts; nothing listens yet but the ports are taken. Raise GuardrailError, and leave nothing open."""
    leave_no_core()
    launch.set_up_logs(settings.log_level)
    key = read_or_create_key(settings.data_dir, ROSTER_KEY, settings.key_store)
    keys = ledger_keys(settings.data_dir, settings.key_store)
    ca_folder = settings.data_dir / CA_FOLDER
    live = Live(settings, key, lambda sites: authority.ensure(ca_folder, domains(settings, sites)))
    ca_pem = live.admit(live.sites())
    clock, ids, secret = SystemClock(), RandomIds(), secrets.token_urlsafe(32)
    witnesses = read_witnesses(settings.witnesses)
    keep_keys(settings.data_dir, witnesses)
    sender = Sender(witnesses, upstream=settings.upstream, upstream_ca=settings.upstream_ca) if witnesses else None
    house: House
    with ExitStack() as undo:
        tenancy = Tenancy(settings.data_dir, settings.workstation)
        undo.callback(tenancy.close)
        ledger = SqliteLedger(settings.data_dir / LEDGER_FILE, keys.seal, keys.signer, settings.checkpoint_every)
        undo.callback(ledger.close)
        spool = spool_of(settings, ledger)
        if spool is not None:
            undo.callback(spool.close)

        def write(kind: EntryKind, details: dict[str, Json]) -> None:
            house.write(kind, details)

        tending = Tending(write)
        door = Door(ledger, tending.check)
        forwarder = forwarder_of(settings, ledger, write)
        metrics = metrics_of(settings, ledger, spool, forwarder, tending)
        kept = door if metrics is None else metrics.timed(door)
        name, minutes = settings.workstation, settings.hold_minutes
        desk = Desk(kept, clock, ids, name, key, live.policy, minutes, excepted=live.excepted)
        identities = Identities(settings.identities, lambda url: live.sites().page(url))
        tally = read_tally(settings.data_dir)
        gate = Gate(live.sites, live.roster, live.policy, identities, desk, clock, ids, tally)
        stand_in = None
        if settings.practice:
            stand_in = LoopbackServer(practice.build(), 0, what="the practice sites")
            undo.callback(stand_in.release)

        def pac_text() -> str:
            return pac(domains(settings, live.sites()), *house.proxy)

        counts = None if metrics is None else metrics.text
        app = web.build(desk, live.policy, settings, secret, pac_text, ca_pem, gate.watches, counts)
        pages = LoopbackServer(app, settings.pages_port, what="guardrail's pages", closing=app.state.close)
        undo.callback(pages.release)
        road = Road(
            gate=gate,
            learns_from=lambda request, content_type: live.sites().learns_from(request, content_type),
            who=Who(settings),
            pages=pages.address,
            secret=secret,
            failed=desk.failed,
            body_limit=settings.body_limit,
            learn_limit=settings.learn_limit,
            learn_pieces=settings.learn_beyond == "pieces",
            practice=Practice(practice.HOSTS, stand_in.address) if stand_in else None,
        )
        proxy = (settings.listen_host, settings.listen_port)
        canary = Canary(tally, settings.data_dir)
        pulse = Pulse(settings.heartbeat_minutes * 60, clock.now())
        house = House(
            settings,
            live,
            ledger,
            desk,
            road,
            pages,
            stand_in,
            ca_folder,
            proxy,
            canary,
            clock,
            pulse,
            sender,
            spool,
            forwarder,
            door,
            tending,
            tenancy,
        )
        house.begin(Changes(settings, keys.seal.recipients, key))
        undo.pop_all()
    return house


class Household(GuardrailAddon):
    """The hooks, and the house's life beside mitmproxy's: opened when it runs, closed when it is done."""

    def __init__(self, ready: Callable[[House], None] | None = None) -> None:
        """`ready` is called once all listens."""
        super().__init__()
        self.error: GuardrailError | None = None
        self._house: House | None = None
        self._tell = ready
        self._tasks: tuple[asyncio.Task[None], ...] | None = None

    def move_into(self, house: House) -> None:
        """Let traffic through by this house from now on."""
        self._house = house
        self.open(house.road)

    def load(self, loader: addonmanager.Loader) -> None:
        """Add the options that `--set` knows."""
        for option, text in (
            ("guardrail_rules", "The clinic's policy (rules.yaml)."),
            ("guardrail_roster", "The client list as CSV."),
            ("guardrail_data", "Where the ledger, the CA and the keys live."),
            ("guardrail_settings", "A settings file of guardrail."),
        ):
            loader.add_option(option, str, "", text)

    def configure(self, _updated: set[str]) -> None:
        """Refuse options that the road cannot bear, at start and later."""
        launch.refuse_forbidden(ctx.options)

    def running(self) -> None:
        """Serve: mitmproxy listens now, or could not."""
        if self._house is None or self._tasks is not None:
            return
        try:
            address = launch.listening(ctx.master)
        except GuardrailError as error:
            self.error = error
            ctx.master.shutdown()
            return
        if address is not None:
            host, port = address
            self._house.proxy = (LOOPBACK if host in _ANYWHERE else host, port)
        self._tasks = self._house.open()
        if self._tell is not None:
            self._tell(self._house)

    async def done(self) -> None:
        """Close the house, once."""
        house, self._house = self._house, None
        if house is not None:
            await house.close(self._tasks or ())


def install(to: master.Master) -> None:
    """Put guardrail into a mitmproxy that somebody else runs, once; until it is built, all is refused.

    Called from the addon file's `load`: the file may be saved broken, and so unloaded, without any effect
    on what is installed here. A failure is one line in mitmproxy's log, which ends a start.
    """
    if to.addons.get(GuardrailAddon.name) is not None:
        return
    household = Household()
    # By the time that this has returned, mitmproxy has set the options that `--set` names.
    to.addons.add(household)
    try:
        launch.refuse_forbidden(to.options)
        to.options.update(**launch.quiet_options(to.options))
        house = build(_settings_of(to))
        to.options.update(**launch.road_options(house.ca_folder, house.settings))
    except (GuardrailError, exceptions.OptionsError) as error:
        _log.error("guardrail: %s", error)
        return
    household.move_into(house)
    if to.addons.get("proxyserver").is_running:
        household.running()


def run(settings: Settings, ready: Callable[[launch.Facts], None]) -> None:
    """Run the proxy, its pages and its clock until SIGINT or SIGTERM; `ready` gets the facts once all listens.

    Raise GuardrailError where it cannot start.
    """
    asyncio.run(_run(settings, ready))


async def _run(settings: Settings, ready: Callable[[launch.Facts], None]) -> None:
    household = Household(lambda house: ready(_facts(house)))
    household.move_into(build(settings))
    try:
        made = launch.make_master(settings, settings.data_dir / CA_FOLDER)
    except GuardrailError:
        await household.done()
        raise
    made.addons.add(household)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, made.shutdown)
    await made.run()
    await made.addons.get("proxyserver").servers.update([])  # mitmproxy leaves its ports to the process's end
    if household.error is not None:
        raise household.error


def _settings_of(to: master.Master) -> Settings:
    options = to.options
    overrides = {
        "rules": options.guardrail_rules,
        "roster": options.guardrail_roster,
        "data_dir": options.guardrail_data,
    }
    file = Path(options.guardrail_settings).expanduser() if options.guardrail_settings else None
    return read_settings(file, {key: Path(text).expanduser() if text else None for key, text in overrides.items()})


def _facts(house: House) -> launch.Facts:
    pages = f"http://{LOOPBACK}:{house.pages.address[1]}"
    return launch.Facts(
        proxy=launch.written(house.proxy),
        pac_url=f"{pages}/proxy.pac",
        pages_url=pages,
        ca_file=authority.certificate_file(house.ca_folder),
        data_dir=house.settings.data_dir,
        practice=house.settings.practice,
    )

"""mitmproxy as guardrail runs it: the options that the road needs, and the addons that it uses."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from mitmproxy import exceptions, master, options
from mitmproxy.addons import (
    block,
    core,
    disable_h2c,
    dns_resolver,
    next_layer,
    proxyauth,
    proxyserver,
    strip_dns_https_records,
    tlsconfig,
    upstream_auth,
)
from mitmproxy.utils import human

from guardrail.errors import Problem, SettingsError
from guardrail.proxy.serve import PortError, listen
from guardrail.proxy.trip import Address
from guardrail.settings import Settings

# What each would do on the road: send a body on before it is decided, or write names to disk.
FORBIDDEN = {
    "stream_large_bodies": "it sends bodies on before guardrail has decided",
    "store_streamed_bodies": "it keeps what people do on watched sites",
    "save_stream_file": "it writes what people do on watched sites to disk",
    "hardump": "it writes what people do on watched sites to disk",
}

# Of mitmproxy's own addons those that a road needs. Every hook of every request visits each addon twice, which
# is most of what mitmproxy spends on a request; recording, replaying and editing flows is not for us anyway.
_ADDONS = (
    core.Core,
    block.Block,
    strip_dns_https_records.StripDnsHttpsRecords,
    disable_h2c.DisableH2C,
    proxyauth.ProxyAuth,
    proxyserver.Proxyserver,
    dns_resolver.DnsResolver,
    next_layer.NextLayer,
    tlsconfig.TlsConfig,
    upstream_auth.UpstreamAuth,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Where everything is once all listens."""

    proxy: str
    pac_url: str
    pages_url: str
    ca_file: Path
    data_dir: Path
    practice: bool


def road_options(confdir: Path, settings: Settings) -> dict[str, Any]:
    """Give the options without which the road is not safe, whoever started mitmproxy.

    Lazy: nothing is said to a site before the decision; and a leaf made after the site's own certificate
    could carry names outside of our authority's constraints, so it is made without looking at that one.
    """
    wanted: dict[str, Any] = {"confdir": str(confdir), "connection_strategy": "lazy", "upstream_cert": False}
    if settings.clinician_from == "proxy-auth":
        wanted["proxyauth"] = f"@{settings.proxy_auth_file}"
    if settings.upstream_ca is not None:
        wanted["ssl_verify_upstream_trusted_ca"] = str(settings.upstream_ca)
    return wanted


def quiet_options(opts: options.Options) -> dict[str, Any]:
    """Give the options that keep addresses, and so names, out of mitmdump's own output."""
    quiet = {"flow_detail": 0, "termlog_verbosity": "warn"}
    return {name: value for name, value in quiet.items() if name in opts}


def set_up_logs(level: str) -> None:
    """Log as JSON lines on stderr, and keep libraries from logging what is on the wire.

    hpack at `debug` logs every header, and so every address, whatever the root logger was meant to show.
    """
    for name in ("alembic", "hpack", "quic", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        )


def refuse_forbidden(opts: options.Options) -> None:
    """Raise mitmproxy's OptionsError where an option is set that the road cannot bear."""
    for name, why in FORBIDDEN.items():
        if name in opts and getattr(opts, name):
            raise exceptions.OptionsError(f"guardrail refuses the option `{name}`: {why}; leave it out")


def make_master(settings: Settings, confdir: Path) -> master.Master:
    """Build mitmproxy for these settings, without its own output. Raise SettingsError, PortError."""
    mode = settings.mode
    if settings.upstream is not None:
        if mode != "regular":
            raise _wrong("upstream", f"`upstream` does not go with `mode: {mode}`", "leave one of them out")
        mode = f"upstream:{settings.upstream}"
    if mode != "local" and not mode.startswith("local:"):
        # mitmproxy would only log it.
        listen(settings.listen_host, settings.listen_port, "the proxy").close()
    try:
        made = master.Master(options.Options(confdir=str(confdir)))
        made.addons.add(*(addon() for addon in _ADDONS))
        place = {"listen_host": settings.listen_host, "listen_port": settings.listen_port}
        made.options.update(mode=[mode], **place, **road_options(confdir, settings))
    except exceptions.OptionsError as error:
        if settings.upstream is not None:
            raise _wrong("upstream", str(error), "write it as http://host:port") from None
        raise _wrong("mode", str(error), "write `regular`, `local` or `local:PROGRAM`") from None
    return made


def listening(where: master.Master) -> Address | None:
    """Give the first address on which mitmproxy listens; None in `local` mode.

    Raise PortError where it could not open what it should: on its own it would only log that.
    """
    server = where.addons.get("proxyserver")
    for one in server.servers:
        if one.last_exception is not None:
            raise PortError(f"the proxy cannot start: {one.last_exception}")
    addresses = server.listen_addrs()
    return (addresses[0][0], addresses[0][1]) if addresses else None


def written(address: Address) -> str:
    """Give an address as people write it."""
    return human.format_address(address)


def _wrong(key: str, what: str, hint: str | None) -> SettingsError:
    return SettingsError((Problem(Path("settings"), None, None, f"{key}: {what}", hint),))

"""`guardrail witness`: cosign the states of others' ledgers, and remember them."""

from __future__ import annotations

import socket
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from guardrail.cli.terminal import out, split_address, stop
from guardrail.ledger.keys import VERIFIER_FILE
from guardrail.witness.app import build
from guardrail.witness.keeper import Keeper, read_logs
from guardrail.witness.keys import WITNESS_FILE, witness_key

STATE_FILE = "witness.sqlite3"


def witness(
    logs: Annotated[
        Path, typer.Option(help=f"The verifier keys (`{VERIFIER_FILE}`) of the ledgers to witness, one a line.")
    ] = Path("ledgers.txt"),
    data_dir: Annotated[Path, typer.Option(help="Where the witness keeps its key and its memory.")] = Path(".witness"),
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on.")] = "127.0.0.1:8090",
    certificate: Annotated[Path | None, typer.Option(help="For https: the certificate chain (PEM).")] = None,
    certificate_key: Annotated[Path | None, typer.Option(help="For https: its private key (PEM).")] = None,
    *,
    show: Annotated[bool, typer.Option("--show", help="Print the last state of each ledger, and stop.")] = False,
    refused: Annotated[
        bool, typer.Option("--refused", help="Print the states that did not follow from the last, and stop.")
    ] = False,
) -> None:
    """Witness others' ledgers until stopped: refuse a state that does not follow from the last, cosign the rest."""
    known = read_logs(logs)
    signer = witness_key(data_dir)
    keeper = Keeper(data_dir / STATE_FILE, signer, known)
    if show or refused:
        sys.stdout.write("\n".join(keeper.refused() if refused else keeper.latest()))
        return
    host, port = split_address(listen)
    tls = _tls(certificate, certificate_key)
    taken = _take(host, port)
    scheme = "https" if tls else "http"
    out.print(f"witnessing {len(known)} ledgers; stop it with Ctrl+C", style="bold")
    out.print(f"  {'address':<14} {scheme}://{host}:{taken.getsockname()[1]}", markup=False)
    out.print(f"  {'verifier key':<14} {signer.verifier} ({data_dir / WITNESS_FILE})", markup=False)
    config = uvicorn.Config(
        build(keeper, lambda: datetime.now(UTC)),
        access_log=False,
        server_header=False,
        log_level="warning",
        **tls,
    )
    uvicorn.Server(config).run(sockets=[taken])


def _tls(certificate: Path | None, key: Path | None) -> dict[str, Any]:
    """Give what serves https, tried before; nothing where it is not asked for."""
    if certificate is None and key is None:
        return {}
    if certificate is None or key is None:
        raise stop("https needs both: name --certificate and --certificate-key")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, "")
    except OSError:  # also where the two do not belong together
        raise stop(f"cannot use {certificate} with {key}: name a chain and its key, both PEM and readable") from None
    return {"ssl_certfile": certificate, "ssl_keyfile": key}


def _take(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise stop(f"cannot listen on {host}:{port}: {reason}: name another with --listen") from None

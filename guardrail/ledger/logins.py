"""Log-ins for a clinic's database: one for each workstation, which may add to that workstation's tree and to no other.

Run by the database's owner. A password is made here, goes to the server as its SCRAM verifier alone, and is said once.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from sqlalchemy import Connection, create_engine, make_url, text

from guardrail.errors import LedgerError
from guardrail.ledger.database import CONNECT_SECONDS, FAILURES, unavailable
from guardrail.ledger.place import Tree
from guardrail.ledger.prepare import WRITER

_NAME = re.compile(r"(?!pg_|guardrail_)[a-z][a-z0-9_-]{0,62}")
_PASSWORD_BYTES = 24
_KNOWN = """
SELECT rolsuper OR rolcreaterole OR rolbypassrls OR NOT pg_has_role(rolname, :writer, 'MEMBER')
    FROM pg_roles WHERE rolname = :name
"""
# Whoever it was writes it no more, nor does anybody else: the empty name is no log-in's.
_END = "UPDATE guardrail.trees SET writer = '', shared = true WHERE writer = :name AND NOT shared AND origin <> :origin"
_GIVE = "UPDATE guardrail.trees SET writer = :name, shared = false WHERE origin = :origin"
_OTHER = "SELECT origin FROM guardrail.trees WHERE writer = :name AND NOT shared AND origin <> :origin"


def admit(url: str, name: str, origin: str | None = None, *, anew: bool = False) -> str:
    """Give a workstation its log-in, or a new password, and give the address for its setting `ledger`.

    It begins one tree, or goes on with that of `origin`, which nobody else may write from then on. A log-in that has a
    tree begins or takes another only with `anew`: then its former tree takes nothing more. Raise LedgerError where the
    name is no workstation's, LedgerUnavailableError where the database cannot be reached or the user may not do that.
    """
    if not _NAME.fullmatch(name):
        raise LedgerError(f"`{name}` is no name for a log-in: take small letters, digits, `-` and `_`")
    engine = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
    try:
        with engine.begin() as connection:
            password = _log_in(connection, name)
            _tie(connection, name, origin, anew=anew)
    except FAILURES as error:
        raise unavailable(Tree(url, "-"), error) from None
    finally:
        engine.dispose()
    return make_url(url).set(username=name, password=password).render_as_string(hide_password=False)


def _log_in(connection: Connection, name: str) -> str:
    others = connection.scalar(text(_KNOWN), {"name": name, "writer": WRITER})
    if others:
        raise LedgerError(f"the log-in `{name}` is not a workstation's: take another name")
    quoted = connection.dialect.identifier_preparer.quote_identifier(name)
    if others is None:
        connection.execute(text(f"CREATE ROLE {quoted} LOGIN IN ROLE {WRITER}"))
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    driver: Any = connection.connection.driver_connection
    verifier: bytes = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    connection.exec_driver_sql(f"ALTER ROLE {quoted} PASSWORD '{verifier.decode()}'")
    return password


def _tie(connection: Connection, name: str, origin: str | None, *, anew: bool) -> None:
    """Let the log-in go on with a tree, and end its former one."""
    names = {"name": name, "origin": origin or ""}
    if anew:
        connection.execute(text(_END), names)
    if origin is None:
        return
    other = connection.scalar(text(_OTHER), names)
    if other is not None:
        raise LedgerError(f"the log-in `{name}` writes the ledger {other}: add --anew to end that one")
    if not connection.execute(text(_GIVE), names).rowcount:
        raise LedgerError(f"the database has no ledger {origin}: see `guardrail ledger database trees`")

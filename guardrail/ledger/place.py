"""Where a ledger stands: a file of its own, or one tree of a PostgreSQL database that many workstations share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from guardrail.errors import LedgerError

_DRIVER = "postgresql+psycopg"


@dataclass(frozen=True, slots=True)
class Tree:
    """One workstation's ledger in a database: its address (`postgresql+psycopg://…`), and the tree's origin."""

    url: str = field(repr=False)
    origin: str

    def __post_init__(self) -> None:
        try:
            good = make_url(self.url).drivername == _DRIVER
        except (ArgumentError, ValueError):
            good = False
        if not good:
            raise LedgerError(f"the address of the ledger's database must begin with {_DRIVER}://: change `ledger`")

    def __str__(self) -> str:
        """Give the address for people, without its password."""
        url = make_url(self.url)
        return f"{url.host or url.query.get('host') or 'localhost'}/{url.database or ''}"


type Place = Path | Tree

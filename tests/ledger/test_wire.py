"""What is sent in PostgreSQL's binary format is what a real server reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from psycopg.pq import ExecStatus, Format

from guardrail.ledger.wire import BIGINT, BYTES, DATE, INTEGER, TEXT, Kind
from tests.postgres import Server


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Give a connection."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as made:
        yield made


def said(connection: psycopg.Connection[tuple[object, ...]], kind: str, value: bytes, part: str = "$1") -> str:
    """Give the server's own words for a value, or a part of it."""
    statement = f"SELECT ({part.replace('$1', f'$1::{kind}')})::text"
    result = connection.pgconn.exec_params(statement.encode(), [value], param_formats=[Format.BINARY])
    assert result.status == ExecStatus.TUPLES_OK, result.get_error_message()
    return (result.get_value(0, 0) or b"").decode()


VALUES: list[tuple[Kind, object, str]] = [
    (BIGINT, 0, "0"),
    (BIGINT, -1, "-1"),
    (BIGINT, 2**63 - 1, "9223372036854775807"),
    (INTEGER, 2**31 - 1, "2147483647"),
    (DATE, date(2000, 1, 1), "2000-01-01"),
    (DATE, date(1970, 1, 1), "1970-01-01"),
    (DATE, date(2026, 3, 1), "2026-03-01"),
    (DATE, date(1, 1, 1), "0001-01-01"),
    (DATE, date(9999, 12, 31), "9999-12-31"),
    (TEXT, "", ""),
    (TEXT, "— Zoë\n", "— Zoë\n"),
    (BYTES, b"", "\\x"),
    (BYTES, b"\x00\xff'\\", "\\x00ff275c"),
]


@pytest.mark.parametrize(("kind", "value", "words"), VALUES, ids=[f"{kind.name}-{words}" for kind, _, words in VALUES])
def test_a_value_is_read_as_it_was_meant(
    connection: psycopg.Connection[tuple[object, ...]], kind: Kind, value: object, words: str
) -> None:
    """Alone, and in an array, also beside one that is NULL."""
    assert said(connection, kind.name, kind.write(value)) == words
    for at in (1, 3):
        assert said(connection, f"{kind.name}[]", kind.many([value, None, value]), f"($1)[{at}]") == words
    counts = "cardinality($1::{0}[]) || ' ' || coalesce(array_position($1::{0}[], NULL), 0)"
    for values, wanted in (([value] * 2, "2 0"), ([value, None], "2 2"), ([None], "1 1")):
        statement = f"SELECT {counts.format(kind.name)}"
        result = connection.pgconn.exec_params(statement.encode(), [kind.many(values)], param_formats=[Format.BINARY])
        assert (result.get_value(0, 0) or b"").decode() == wanted, result.get_error_message()

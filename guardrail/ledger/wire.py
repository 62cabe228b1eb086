"""Values as PostgreSQL takes them in its binary format, alone or as an array: what an append sends.

Sources: the send and receive functions of each type in PostgreSQL's manual (52.8, formats of messages) and source
(`array_recv` in arrayfuncs.c, `date_recv` in date.c: days since 2000-01-01); the numbers of types: pg_type.dat.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

_DAY_ZERO = date(2000, 1, 1).toordinal()
_INT = struct.Struct(">i").pack
_ARRAY = struct.Struct(
    ">iiiii"
).pack  # dimensions, whether a NULL is in it, type of the elements, how many, first index
_NULL = _INT(-1)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of PostgreSQL: its name, its number, and how a value of it is written."""

    name: str
    number: int
    write: Callable[[Any], bytes]

    def many(self, values: Sequence[object]) -> bytes:
        """Give an array of values; None is NULL."""
        parts = [_ARRAY(1, None in values, self.number, len(values), 1)]
        for value in values:
            if value is None:
                parts.append(_NULL)
            else:
                written = self.write(value)
                parts += (_INT(len(written)), written)
        return b"".join(parts)


def _day(value: date) -> bytes:
    return _INT(value.toordinal() - _DAY_ZERO)


BIGINT = Kind("bigint", 20, struct.Struct(">q").pack)
INTEGER = Kind("integer", 23, _INT)
DATE = Kind("date", 1082, _day)
TEXT = Kind("text", 25, str.encode)
BYTES = Kind("bytea", 17, bytes)

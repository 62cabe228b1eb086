"""Numbers of as many bytes as they need: seven bits a byte, the lowest first, the highest bit says that more follows.

Sources: Protocol Buffers' description of its wire format; MQTT 3.1.1, section 2.2.3 (at most four bytes).
"""

from __future__ import annotations

_MORE = 0x80
_BITS = 7


def read_varint(data: bytes, at: int, most: int) -> tuple[int | None, int]:
    """Give the number that begins at byte `at`, and where what follows begins; None where `most` bytes do not end it.

    Beyond the end of `data` there is no number either.
    """
    value = 0
    for number, byte in enumerate(data[at : at + most]):
        value |= (byte & ~_MORE) << (_BITS * number)
        if byte < _MORE:
            return value, at + number + 1
    return None, len(data)

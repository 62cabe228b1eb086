"""How entries get their slots."""

from __future__ import annotations

from guardrail.roster.layout import FILL, FLAG_SHIFT, FLAGS
from guardrail.roster.placing import Stage, place

TOKENS = [bytes([at + 1, *bytes(6), 5 * at + 1, *bytes(8)]) for at in range(50)]


def test_every_token_is_flagged_at_its_slot() -> None:
    """Each is found by its flag, and stands at its slot or behind it; so many slots are used always."""
    stage = Stage(bytes)
    for at, token in enumerate(TOKENS):
        stage.put(token, at, (0,))
    told: list[str] = []
    table, flags = place([stage], lambda what, _done, _total: told.append(what))
    for token in TOKENS:
        key = int.from_bytes(token[:8], "little")
        slot = key & (len(table) - 1)
        assert flags[slot] & FLAGS[key >> FLAG_SHIFT] == FLAGS[key >> FLAG_SHIFT]
        following = [table[slot + step] >> 32 for step in range(200)]
        assert key >> 32 in following[: following.index(0) if 0 in following else None]
    assert sum(map(bool, table)) == int(FILL * len(table))
    assert set(told) == {"table"}


def test_of_one_token_only_so_many_are_kept() -> None:
    """The first ones of a stage that has a bound; a stage without one keeps all; both leave the fill as it is."""
    for most, kept in ((8, 8), (1 << 32, 300)):
        stage = Stage(bytes, most)
        token = bytes([*range(1, 9), *bytes(8)])
        for at in range(300):
            stage.put(token, at, (0,))
        table, _ = place([stage], None)
        high = int.from_bytes(token[4:8], "little")
        assert {entry & 0xFFFFFFFF for entry in table if entry >> 32 == high} >= set(range(kept))
        assert sum(entry >> 32 == high for entry in table) == kept
        assert sum(map(bool, table)) == int(FILL * len(table))


def test_stages_come_in_their_order() -> None:
    """What stands first has its entries, whatever the bound of a later one."""
    token = bytes([*range(1, 9), *bytes(8)])
    sure, guessed = Stage(bytes), Stage(bytes, 2)
    for at in range(5):
        guessed.put(token, 100 + at, (0,))
        sure.put(token, at, (0,))
    table, _ = place([sure, guessed], None)
    high = int.from_bytes(token[4:8], "little")
    assert {entry & 0xFFFFFFFF for entry in table if entry >> 32 == high} == set(range(5))

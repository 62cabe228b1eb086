"""Nicknames, public ones and a clinic's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrail.errors import RosterError
from guardrail.roster.nickname import Nicknames, read_nicknames


@pytest.mark.parametrize(("name", "other"), [("elizabeth", "liz"), ("liz", "elizabeth"), ("james", "jim")])
def test_public_nicknames_go_both_ways(name: str, other: str) -> None:
    """The formal name stands for the short one, and the other way round."""
    assert other in Nicknames().of(name)
    assert name not in Nicknames().of(name)


def test_own_groups_join_the_public_ones(tmp_path: Path) -> None:
    """One group a line; remarks and empty lines are passed over; case and accents make no difference."""
    file = tmp_path / "nicknames.txt"
    file.write_text("\ufeff# ours\nElizabeth, Bébé, Zu Zu # a remark\n\n", encoding="utf-8")
    groups = read_nicknames(file)
    assert groups == (("Elizabeth", "Bébé", "Zu Zu"),)
    assert {"bebe", "zuzu", "liz"} <= Nicknames(groups).of("elizabeth")
    assert Nicknames(groups).of("zuzu") == {"elizabeth", "bebe"}


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"Ada\nBea, Bee\n", "line 1"), (b"Ada, !!!\n", "two names"), (b"\xff\xfe", "cannot read")],
    ids=["one name", "no letters", "not UTF-8"],
)
def test_a_bad_list_is_refused_without_quoting_it(tmp_path: Path, data: bytes, what: str) -> None:
    """The message names the line and no name."""
    file = tmp_path / "nicknames.txt"
    file.write_bytes(data)
    with pytest.raises(RosterError) as error:
        read_nicknames(file)
    assert what in str(error.value) + error.value.problems[0].what + f" line {error.value.problems[0].line}"
    assert "Ada" not in str(error.value)

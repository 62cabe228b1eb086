"""The tree is RFC 6962's: known roots, an independent implementation, and proofs that hold for nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from guardrail.ledger.merkle import (
    EMPTY_ROOT,
    Growth,
    Subtree,
    complete_root,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    node_hash,
    root_by_inclusion,
    root_of,
)

# The eight leaves by which implementations of Certificate Transparency are tested, and the roots of their beginnings.
KNOWN = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
TREES = 10_000
SIZES = st.integers(0, 700)


def leaves(count: int) -> list[bytes]:
    """Give so many leaf hashes."""
    return [leaf_hash(number.to_bytes(4)) for number in range(count)]


ALL = leaves(1500)


def subtree(level: int, place: int) -> bytes:
    """Give a complete subtree's hash, the slow way."""
    return complete_root(ALL[place << level : (place + 1) << level])


def test_the_known_roots() -> None:
    """From the empty tree to the eight leaves."""
    hashes = [leaf_hash(body) for body in KNOWN]
    assert [Growth().add(hashes[:size])[0].root().hex() for size in range(9)] == KNOWN_ROOTS


def test_ten_thousand_random_trees_agree_with_another_implementation() -> None:
    """In their roots, and in that each accepts the other's proofs of inclusion and consistency."""
    chance = random.Random(6962)  # noqa: S311 - the same trees in every run
    for _ in range(TREES):
        size = chance.randint(1, 40)
        bodies = [chance.randbytes(3) for _ in range(size)]
        hashes = [leaf_hash(body) for body in bodies]
        theirs = InmemoryTree(algorithm="sha256")
        for body in bodies:
            theirs.append_entry(body)
        root = Growth().add(hashes)[0].root()
        assert root == theirs.get_root()
        ours = _over(hashes)
        at, old = chance.randrange(size), chance.randint(1, size)
        path = theirs.prove_inclusion(at + 1, size).serialize()["path"]
        assert [bytes.fromhex(one) for one in path[1:]] == inclusion_proof(at, size, ours)
        assert root_by_inclusion(hashes[at], at, size, inclusion_proof(at, size, ours)) == root
        assert is_consistent(old, theirs.get_root(old), size, root, consistency_proof(old, size, ours))


@given(cuts=st.lists(st.integers(1, 600), max_size=4))
def test_however_it_grows_it_is_the_same_tree(cuts: list[int]) -> None:
    """One leaf at a time or hundreds; its tiles are those of its leaves; taken up again it is the same."""
    growth, tiles = Growth(), []
    for count in cuts:
        growth, full = growth.add(leaves(2400)[growth.size : growth.size + count])
        tiles += full
    known = leaves(growth.size)
    assert growth.root() == (complete_or(known) if known else EMPTY_ROOT)
    assert Growth.of(growth.size, growth.ends) == growth
    assert [tile.place for tile in tiles if tile.level == 0] == list(range(growth.size // 256))
    for tile in tiles:
        assert tile.root == complete_root(tile.hashes)
        assert list(tile.hashes) == known[tile.place * 256 : (tile.place + 1) * 256]


def test_a_tree_of_many_tiles_has_tiles_of_tiles() -> None:
    """256 tiles of leaves make one of the next level."""
    growth, tiles = Growth().add(leaves(256 * 256 + 3))
    assert [(tile.level, tile.place) for tile in tiles][-1] == (1, 0)
    assert [len(end) for end in growth.ends] == [3, 0, 1]
    assert Growth.of(growth.size, growth.ends).root() == growth.root()


@pytest.mark.parametrize(("size", "ends"), [(1, [[]]), (0, [[b"a"]]), (256, [[]]), (257, [[b"a"]])])
def test_hashes_that_do_not_fit_the_size_are_refused(size: int, ends: list[list[bytes]]) -> None:
    """A damaged ledger is not taken up."""
    with pytest.raises(ValueError, match=r"leaves|loose"):
        Growth.of(size, ends)


@given(size=st.integers(1, 700), data=st.data())
def test_a_proof_of_inclusion_holds_for_its_own_leaf_alone(size: int, data: st.DataObject) -> None:
    """Neither for another leaf, nor place, nor size, nor a changed, longer or shorter path."""
    at = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(at, size, subtree), root_of(size, subtree)
    assert root_by_inclusion(ALL[at], at, size, proof) == root
    assert root_by_inclusion(ALL[at + 1], at, size, proof) != root
    assert root_by_inclusion(ALL[at], (at + 1) % size, size, proof) != root or size == 1
    assert root_by_inclusion(ALL[at], at, size, [*proof, ALL[0]]) is None
    assert root_by_inclusion(ALL[at], at, size, proof[:-1]) is None or not proof
    assert root_by_inclusion(ALL[at], size, size, proof) is None
    if proof:
        worse = data.draw(st.integers(0, len(proof) - 1))
        assert root_by_inclusion(ALL[at], at, size, [*proof[:worse], ALL[0][::-1], *proof[worse + 1 :]]) != root


@given(old=SIZES, new=SIZES, data=st.data())
def test_a_proof_of_consistency_holds_for_its_own_trees_alone(old: int, new: int, data: st.DataObject) -> None:
    """A tree with another beginning is not consistent, whatever is handed in as the proof."""
    old, new = sorted((old, new))
    proof = consistency_proof(old, new, subtree)
    before, after = root_of(old, subtree), root_of(new, subtree)
    assert is_consistent(old, before, new, after, proof)
    assert not is_consistent(old, before, new, ALL[0][::-1], proof) or old == 0
    assert not is_consistent(old, ALL[0][::-1], new, after, proof)
    assert not is_consistent(new + 1, before, new, after, proof)
    assert not is_consistent(old, before, new, after, [*proof, ALL[0]])
    if proof:
        worse = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:worse], ALL[0][::-1], *proof[worse + 1 :]]
        assert not is_consistent(old, before, new, after, changed)
        assert not is_consistent(old, before, new, after, proof[:-1])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 4), (4, 4)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    """It is an error of whoever asks."""
    with pytest.raises(ValueError, match="is not in a tree of"):
        inclusion_proof(index, size, subtree)
    with pytest.raises(ValueError, match="no beginning"):
        consistency_proof(size + 1, size, subtree)


def complete_or(hashes: list[bytes]) -> bytes:
    """Give a tree's root by the definition."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(complete_or(hashes[:split]), complete_or(hashes[split:]))


def _over(hashes: list[bytes]) -> Subtree:
    return lambda level, place: complete_root(hashes[place << level : (place + 1) << level])

"""A workstation and a witness over HTTP: the real parts, a real port."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from guardrail.errors import LedgerError
from guardrail.ledger.note import Note
from guardrail.ledger.proofs import checkpoints, last_checkpoint, witnessed
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.proxy.serve import LoopbackServer, listen
from guardrail.witness.app import build
from guardrail.witness.keeper import Keeper
from guardrail.witness.sender import Sender, Witness, behind, keep_keys, read_witnesses
from tests.ledger_keys import KEYS, SIGNER, opened
from tests.witness.conftest import COSIGNER, NOW, beat

WITNESSES = (COSIGNER.verifier,)


@asynccontextmanager
async def serving(keeper: Keeper) -> AsyncIterator[Witness]:
    """Serve a witness."""
    server = LoopbackServer(build(keeper, lambda: NOW), 0, what="a test")
    server.start()
    host, port = server.address
    try:
        yield Witness(f"http://{host}:{port}", COSIGNER.verifier)
    finally:
        await server.stop()


async def test_checkpoints_are_witnessed_and_kept(ledger: SqliteLedger, keeper: Keeper) -> None:
    """The newest each time, once; the cosignature stands beside it, and the check knows it."""
    async with serving(keeper) as witness:
        sender = Sender([witness])
        assert await asyncio.to_thread(sender.send, ledger) == []
        for size in (1, 2, 5):
            beat(ledger, *range(size))
            assert await asyncio.to_thread(sender.send, ledger) == []
            assert await asyncio.to_thread(sender.send, ledger) == []
    done = witnessed(ledger.reader, witness.key)
    assert done is not None
    assert (done.size, done.at) == (8, NOW)
    report = verify(ledger.path, KEYS, witnesses=WITNESSES, witnessed=keeper.latest())
    assert report.good
    assert "`association.example/witness` witnessed 8 entries at 2026-03-02 09:00:00 UTC" in report.notes
    assert sum(COSIGNER.verifier.name in note for note in checkpoints(ledger.reader)) == 3
    assert not verify(ledger.path, KEYS).good  # a cosignature that cannot be checked is no good one


async def test_a_witness_that_knows_more_is_asked_from_there(ledger: SqliteLedger, keeper: Keeper) -> None:
    """An answer that was lost on the way: the witness says its size, and the proof begins there."""
    async with serving(keeper) as witness:
        beat(ledger, 1, 2)
        await asyncio.to_thread(Sender([witness]).send, ledger)
        with ledger._writer.begin() as connection:
            connection.exec_driver_sql("DELETE FROM cosignatures")
        beat(ledger, 3)
        assert await asyncio.to_thread(Sender([witness]).send, ledger) == []
    done = witnessed(ledger.reader, witness.key)
    assert done is not None
    assert done.size == 3


async def test_a_ledger_set_back_as_a_whole_is_refused(ledger: SqliteLedger, keeper: Keeper, tmp_path: Path) -> None:
    """Each file alone is good; the witness remembers more, and so does the check with what the witness kept."""
    beat(ledger, 1, 2)
    copy = Path(shutil.copy(ledger.path, tmp_path / "earlier.sqlite3"))
    shutil.copy(f"{ledger.path}-wal", f"{copy}-wal")
    beat(ledger, 3)
    async with serving(keeper) as witness:
        sender = Sender([witness])
        assert await asyncio.to_thread(sender.send, ledger) == []
        earlier = opened(copy)
        assert verify(copy, KEYS).good
        [refusal] = await asyncio.to_thread(sender.send, earlier)
        assert "has seen 3 entries, this ledger's checkpoint counts 2" in str(refusal)
        assert await asyncio.to_thread(sender.send, earlier) == []  # said once
        beat(earlier, 4, 5)
        [refusal] = await asyncio.to_thread(sender.send, earlier)
        assert "another history" in str(refusal)
        earlier.close()
    report = verify(copy, KEYS, witnessed=keeper.latest())
    assert (report.first_bad, report.good) == (0, False)
    assert "others remember another ledger of 3 entries" in (report.reason or "")
    assert [Note.read(one).checkpoint().size for one in keeper.refused()] == [3, 4]  # the proof shows that they differ


async def test_a_witness_that_does_not_answer_holds_nobody_up(ledger: SqliteLedger) -> None:
    """Nobody listens, it answers nonsense, or cosigns with another key: no refusal, and the next turn tries again."""
    beat(ledger, 1)
    with closing(listen("127.0.0.1", 0, "a test")) as taken:
        port = taken.getsockname()[1]
    gone = Witness(f"http://127.0.0.1:{port}", COSIGNER.verifier)
    assert await asyncio.to_thread(Sender([gone]).send, ledger, 1.0) == []
    assert witnessed(ledger.reader, gone.key) is None


async def test_a_witness_that_never_comes_to_an_end_is_left(ledger: SqliteLedger) -> None:
    """It sends a byte now and then, within the head of its answer: no read is late, and yet its time is over."""
    beat(ledger, 1)
    gone = asyncio.Event()

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)
        gone.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        slow = Witness(f"http://{host}:{port}", COSIGNER.verifier)
        assert await asyncio.to_thread(Sender([slow]).send, ledger, 0.3) == []
        await gone.wait()
    assert witnessed(ledger.reader, slow.key) is None


@pytest.mark.parametrize("through", ["a witness", "the clinic's proxy"])
async def test_what_is_under_way_ends_at_once_when_the_sender_is_ended(ledger: SqliteLedger, through: str) -> None:
    """It neither waits nor writes: the ledger may be closed by then. What comes later is not even begun."""
    beat(ledger, 1)
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.readline()
            asked.set()
            await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        direct = through == "a witness"
        witness = Witness(f"http://{host}:{port}" if direct else "https://w.example", COSIGNER.verifier)
        sender = Sender([witness, witness], upstream=None if direct else f"http://{host}:{port}")
        sending = asyncio.create_task(asyncio.to_thread(sender.send, ledger, 600.0))
        await asked.wait()
        await asyncio.to_thread(sender.end)
        assert await sending == []
        asked.clear()
        assert await asyncio.to_thread(sender.send, ledger, 600.0) == []
        assert not asked.is_set()


async def test_a_proxy_that_never_comes_to_an_end_is_left(ledger: SqliteLedger) -> None:
    """It too may send a byte now and then, before it goes on to the witness."""
    beat(ledger, 1)

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"HTTP/1.1 200 ")
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        sender = Sender([Witness("https://w.example", COSIGNER.verifier)], upstream=f"http://{host}:{port}")
        assert await asyncio.to_thread(sender.send, ledger, 0.3) == []


async def test_what_was_cosigned_is_named_whatever_is_taken_out_of_the_ledger(
    ledger: SqliteLedger, keeper: Keeper
) -> None:
    """By this process's own memory; by what stands in the ledger where it has none yet, and never by a bad line."""
    async with serving(keeper) as witness:
        sender = Sender([witness])
        assert sender.cosigned(ledger) == []
        for _ in range(2):
            beat(ledger, 1)
            await asyncio.to_thread(sender.send, ledger)
        named = [{"witness": witness.key.name, "size": 2}]
        assert sender.cosigned(ledger) == sender.anew().cosigned(ledger) == named
        with ledger._writer.begin() as connection:
            connection.exec_driver_sql("UPDATE cosignatures SET line = 'x' WHERE size = 2")
        assert sender.cosigned(ledger) == named
        assert sender.anew().cosigned(ledger) == [{"witness": witness.key.name, "size": 1}]


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[Witness, list[bytes]]]:
    """Serve these answers, one to each request, again and again; give what was asked for."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).split()[1])
        status, _, body = answers[(len(asked) - 1) % len(answers)].partition(b" ")
        writer.write(b"HTTP/1.1 %s X\r\nLocation: /elsewhere\r\nContent-Length: %d\r\n" % (status, len(body)))
        writer.write(b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield Witness(f"http://{host}:{port}", COSIGNER.verifier), asked


async def test_a_witness_whose_numbers_change_is_written_down_once(ledger: SqliteLedger) -> None:
    """Else whoever answers could fill the ledger."""
    beat(ledger, 1)
    async with answering(*(b"409 %d\n" % size for size in range(5, 15))) as (liar, _):
        sender = Sender([liar])
        refusals = [refusal for _ in range(4) for refusal in await asyncio.to_thread(sender.send, ledger)]
    assert [str(one) for one in refusals] == ["the witness has seen 5 entries, this ledger's checkpoint counts 1"]


@pytest.mark.parametrize(
    "answers",
    [(b"409 1\n", b"409 2\n"), (b"302 ",), (b"303 ",), (b"409 -5\n",), (b"409 " + b"9" * 5000,), (b"200 \xff",)],
    ids=["another was faster", "elsewhere", "see other", "below nothing", "endless", "no text"],
)
async def test_what_is_no_answer_is_no_refusal(ledger: SqliteLedger, answers: Sequence[bytes]) -> None:
    """Another process was faster, it sends elsewhere (where nobody follows), or speaks nonsense: no other history."""
    beat(ledger, 1, 2, 3)
    async with answering(*answers) as (witness, asked):
        assert await asyncio.to_thread(Sender([witness]).send, ledger) == []
    assert set(asked) == {b"/add-checkpoint"}
    assert witnessed(ledger.reader, witness.key) is None


async def test_a_witness_that_does_not_know_the_ledger(ledger: SqliteLedger, memory: Path) -> None:
    """That is a matter of set-up, and no other history."""
    beat(ledger, 1)
    async with serving(Keeper(memory, COSIGNER, {"other": KEYS})) as witness:
        assert await asyncio.to_thread(Sender([witness]).send, ledger) == []
    assert witnessed(ledger.reader, witness.key) is None


async def test_a_body_that_is_too_long_and_what_is_remembered(ledger: SqliteLedger, keeper: Keeper) -> None:
    """The service itself, asked by hand."""
    async with serving(keeper) as witness:
        host, port = witness.url.removeprefix("http://").split(":")

        async def ask(request: bytes) -> bytes:
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(request)
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return answer

        head = b"Host: x\r\nConnection: close\r\n"
        long = b"POST /add-checkpoint HTTP/1.1\r\n" + head + b"Content-Length: 70000\r\n\r\n" + b"x" * 70_000
        assert b" 413 " in (await ask(long)).splitlines()[0]
        beat(ledger, 1)
        await asyncio.to_thread(Sender([witness]).send, ledger)
        assert keeper.latest()[0].encode() in await ask(b"GET /checkpoints HTTP/1.1\r\n" + head + b"\r\n")
        size = b"old 0\n\n" + (last_checkpoint(ledger.reader) or (0, ""))[1].encode()
        beginning = b"POST /add-checkpoint HTTP/1.1\r\n" + head + f"Content-Length: {len(size)}\r\n\r\n".encode()
        answer = await ask(beginning + size)
        assert b" 409 " in answer.splitlines()[0]
        assert b"content-type: text/x.tlog.size\r\n" in answer
        assert answer.endswith(b"\r\n\r\n1\n")


def test_the_doctor_knows_who_has_been_silent(ledger: SqliteLedger, keeper: Keeper) -> None:
    """Never, for a day, or for less; a ledger without news is owed nothing."""
    witness = Witness("https://witness.example", COSIGNER.verifier)
    assert behind(ledger.reader, witness, NOW) is None
    beat(ledger, 1)
    assert "not witnessed this ledger at all" in (behind(ledger.reader, witness, NOW) or "")
    size, note = last_checkpoint(ledger.reader) or (0, "")
    ledger.cosign(size, witness.key.name, keeper.add(f"old 0\n\n{note}".encode(), NOW).text)
    later = NOW + timedelta(hours=25)
    assert behind(ledger.reader, witness, later) is None
    beat(ledger, 2)
    assert behind(ledger.reader, witness, NOW + timedelta(hours=23)) is None
    assert "since 2026-03-02 09:00 UTC: see that https://witness.example answers" in (
        behind(ledger.reader, witness, later) or ""
    )


def test_witnesses_are_read_from_the_settings(tmp_path: Path) -> None:
    """An address and a cosigner's key; their keys are kept beside the ledger, also when they are asked no more."""
    [one] = read_witnesses({"https://witness.example/": str(COSIGNER.verifier)})
    assert one == Witness("https://witness.example", COSIGNER.verifier)
    for settings, words in (
        ({"witness.example": str(COSIGNER.verifier)}, "is no address"),
        ({"https://w.example": str(SIGNER.verifier)}, "is no witness's"),
        ({"https://w.example": "nonsense"}, "no verifier key"),
    ):
        with pytest.raises(LedgerError, match=words):
            read_witnesses(settings)
    keep_keys(tmp_path, [one])
    keep_keys(tmp_path, [])
    keep_keys(tmp_path, [one])
    assert (tmp_path / "witnesses.vkey").read_text() == f"{COSIGNER.verifier}\n"

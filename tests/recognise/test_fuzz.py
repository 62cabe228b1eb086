"""The fuzzer: its samples stand for what they are made of, its checks see a breach, and a short run finds none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.model.action import Identity
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise import SiteIndex
from tests.recognise.fuzz import samples
from tests.recognise.fuzz.checks import Checks

ROOT = Path(__file__).parent.parent.parent
SEARCH = HttpRequest("GET", "https", "www.google.com", 443, "/search", "q=jane+doe", ((b"accept", b"*/*"),))
ANSWER = HttpResponse(200, ((b"content-type", b"application/json"),), b'{"a":\n\n1}')


@pytest.mark.parametrize("answer", [None, ANSWER], ids=["request", "answer"])
def test_a_sample_is_read_as_it_was_written(answer: HttpResponse | None) -> None:
    """A request stays itself; with an answer, the body is the answer's."""
    request, found = samples.read(samples.write(SEARCH, answer))
    assert (request.method, request.url) == (SEARCH.method, SEARCH.url)
    assert request.headers[:1] == SEARCH.headers
    assert found == answer


def test_the_seeds_are_the_corpora() -> None:
    """Every recorded request is a seed, and recognised as one."""
    seeds = set(samples.seeds())
    assert len(seeds) > 1500
    assert any(b"\nx-answer: " in seed for seed in seeds)
    assert all(samples.read(seed)[0].host for seed in seeds)


@settings(max_examples=200)
@given(data=st.one_of(st.binary(max_size=300), st.sampled_from(sorted(samples.seeds()))))
def test_the_checks_hold(index: SiteIndex, data: bytes) -> None:
    """What the fuzzer asks of its samples holds of any bytes and of the seeds: on systems without it, too."""
    Checks(index)(data)


def test_a_breach_is_seen(index: SiteIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the oracle to say another thing, or an answer that cannot teach to teach, the fuzzer would stop."""
    checks = Checks(index)
    monkeypatch.setattr(SiteIndex, "scan_all", lambda *_: None)
    with pytest.raises(AssertionError, match="disagree"):
        checks(samples.write(SEARCH))
    monkeypatch.setattr(SiteIndex, "learn", lambda *_: (Identity("google", "1"),))
    with pytest.raises(AssertionError, match="said not to"):
        checks(samples.write(SEARCH, HttpResponse(200, ((b"content-type", b"image/png"),), b"<")))


if sys.platform == "linux":  # where the fuzzer can be installed

    @pytest.mark.timeout(300)
    def test_a_short_run_finds_nothing() -> None:
        """Ten seconds, guided by coverage, from a part of the corpora: nothing raised, no bound broken."""
        command = [sys.executable, "-m", "tests.recognise.fuzz", "--seconds", "10", "--seeds", "25", "--no-clock"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=280)
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-6000:]
        counts = orjson.loads(done.stdout)
        assert int(counts["executions"]) > int(counts["corpus"]) > 100

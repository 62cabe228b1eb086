"""An exception in any hook on a watched host is a refusal with an incident's id; nothing is passed on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from mitmproxy.test import tflow, tutils

from guardrail.model.people import Clinician
from guardrail.proxy import answers, convert, homeward, routing, tunnel
from guardrail.proxy.addon import GuardrailAddon
from guardrail.proxy.who import Who
from tests.proxy.conftest import MakeRig
from tests.proxy.rig import FREE, NAVIGATION, PlainGate

NAME = "Margit Ollander"


class PlantedError(Exception):
    """What nobody expects; its text holds what no log may show."""


def fail(*_arguments: Any, **_named: Any) -> NoReturn:
    """Fail as nobody expects."""
    raise PlantedError(NAME)


BEFORE: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "tls_clienthello": lambda patch: patch.setattr(tunnel, "judge", fail),
    "requestheaders": lambda patch: patch.setattr(tunnel, "watched_host", fail),
    "requestheaders, later": lambda patch: patch.setattr(routing, "ask_readably", fail),
    "request": lambda patch: patch.setattr(convert, "to_request", fail),
    "request, recognising": lambda patch: patch.setattr(PlainGate, "recognise", fail),
    "request, deciding": lambda patch: patch.setattr(PlainGate, "decide", fail),
    "request, knowing who": lambda patch: patch.setattr(Who, "clinician", fail),
    "request, answering": lambda patch: patch.setattr(answers, "respond", fail),
}


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
@pytest.mark.parametrize("place", BEFORE)
def test_a_fault_before_the_site_keeps_it_from_the_site(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, place: str, version: str
) -> None:
    """A person gets a page and a script a problem, each with the incident that is also in the record."""
    with make_rig() as rig:
        rig.gate.decide_with = lambda _request, _clinician: None  # type: ignore[return-value,assignment]  # for `respond`
        BEFORE[place](monkeypatch)
        asked = rig.curl(rig.url("/held"), version, "-d", "a=b")
        page = rig.curl(rig.url("/held"), version, headers=NAVIGATION)
        assert (asked.status, page.status) == (503, 503)
        assert asked.headers["content-type"] == "application/problem+json"
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["cache-control"] == "no-store"
        assert rig.site.seen == []
        recorded = [incident for incident, _ in rig.incidents]
        assert asked.json()["incident"] in recorded
        assert any(incident.encode() in page.body for incident in recorded)


def _learn_fails(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PlainGate, "learn", fail)


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
@pytest.mark.parametrize("path", ["/learn", "/nothing"])
@pytest.mark.parametrize("planted", [lambda patch: patch.setattr(homeward, "prepare", fail), _learn_fails])
def test_a_fault_on_the_way_home_keeps_the_answer(
    make_rig: MakeRig,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    planted: Callable[[pytest.MonkeyPatch], None],
    version: str,
) -> None:
    """The site was asked, as it may be, but what it said is not passed on: with a body and without one."""
    with make_rig(learns_from=lambda _request, _kind: True) as rig:
        planted(monkeypatch)
        answer = rig.curl(rig.url(path), version)
        assert answer.status == 503
        assert answer.json()["incident"] == rig.incidents[0][0]


def test_a_page_that_cannot_be_read_to_its_end_does_not_end_well(make_rig: MakeRig) -> None:
    """A broken coding, and a fault in learning from what has streamed: the browser hears of an error."""
    with make_rig(learns_from=lambda _request, _kind: True) as rig:
        broken = rig.curl(rig.url("/broken"), headers=NAVIGATION)
        assert broken.exit_code != 0
        assert b"no gzip" not in broken.body
        assert len(rig.incidents) == 1


def test_where_even_the_refusal_fails_the_flow_is_ended(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of defence is a closed connection."""
    with make_rig() as rig:
        monkeypatch.setattr(convert, "to_request", fail)
        monkeypatch.setattr(answers, "refuse", fail)
        assert rig.curl(rig.url("/asset")).exit_code != 0
        assert rig.site.seen == []


def test_a_websocket_message_that_cannot_be_judged_is_dropped(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The socket lives on; the message has not reached the site."""
    real = convert.to_frame

    def sometimes(handshake: Any, content: bytes, limit: int) -> Any:
        return fail() if content == b"poison" else real(handshake, content, limit)

    with make_rig() as rig:
        monkeypatch.setattr(convert, "to_frame", sometimes)
        assert rig.talk("/socket", ["poison", "fine"]) == ["got fine"]
        assert [body for _, _, body in rig.site.seen] == [b"fine"]


def test_until_the_house_is_built_nothing_decrypted_passes(make_rig: MakeRig) -> None:
    """Not even to a host that no rule would watch: nobody can say that yet."""
    with make_rig(closed=True) as rig:
        assert rig.curl(rig.url("/asset")).status == 503
        assert rig.curl(f"http://{FREE}:1/").status == 503
        assert rig.site.seen == []


def test_an_unwatched_host_is_not_touched_by_a_fault(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes go by undecrypted, whatever is broken behind the gate."""
    with make_rig() as rig:
        for name in ("recognise", "decide", "learn"):
            monkeypatch.setattr(PlainGate, name, fail)
        assert rig.curl(rig.url("/free", FREE), ca=rig.site.ca).status == 200


def test_no_log_line_tells_what_was_on_the_wire(
    make_rig: MakeRig,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Kind and place of the error, and the incident: no name, no address, no body, no exception's text."""
    caplog.set_level(logging.DEBUG)
    with make_rig() as rig:
        monkeypatch.setattr(PlainGate, "recognise", fail)
        incident = rig.curl(rig.url("/held?q=Ollander"), "-d", NAME).json()["incident"]
    out, err = capfd.readouterr()
    told = out + err + caplog.text
    assert incident in told
    assert "PlantedError" in told
    assert "Ollander" not in told
    assert "/held" not in told


async def test_a_cancelled_hook_is_no_failure() -> None:
    """A client that went away cancels its hook: that goes through to mitmproxy, and is no incident."""

    async def cancelled(*_arguments: Any) -> NoReturn:
        raise asyncio.CancelledError

    class Road:
        who = type("", (), {"clinician": staticmethod(lambda *_: Clinician("a", "b"))})
        gate = type("", (), {"decide": staticmethod(cancelled)})

    addon = GuardrailAddon()
    flow = tflow.tflow(req=tutils.treq())
    with pytest.raises(asyncio.CancelledError):
        await addon._decide(flow, None, Road, None, None)  # type: ignore[arg-type]  # only what it asks for
    assert flow.response is None

"""The same hooks under other settings: each test has a proxy of its own."""

from __future__ import annotations

from guardrail.gate import Pass, Speculative
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.proxy.trip import Practice
from guardrail.proxy.who import Who
from guardrail.settings import Settings
from tests.proxy.conftest import PAGE, MakeRig
from tests.proxy.rig import FREE, NAVIGATION, WATCHED, clinic_proxy, in_thread


def test_nobody_is_refused_what_a_rule_stops(make_rig: MakeRig) -> None:
    """A client that the settings do not know: no action goes on, and all else does."""
    who = Who(Settings(clinician_from="addresses"))
    with make_rig(who=who) as rig:
        answer = rig.curl(rig.url("/held"))
        assert (answer.status, rig.site.seen) == (403, [])
        assert "do not know" not in answer.json()["title"]
        assert rig.curl(rig.url("/asset")).status == 200


def test_the_proxys_log_in_is_the_clinician(make_rig: MakeRig) -> None:
    """The proxy asks for it, 407 stays 407, and the name comes to the gate."""
    seen: list[str] = []
    who = Who(Settings(clinician_from="proxy-auth"))
    with make_rig(who=who, proxyauth="dr-lark:song") as rig:

        def decide(_request: HttpRequest, clinician: Clinician) -> Pass:
            seen.append(clinician.id)
            return Pass()

        rig.gate.decide_with = decide
        assert rig.curl(rig.url("/held")).exit_code == 56  # curl: CONNECT was answered 407
        assert rig.curl(rig.url("/held"), "--proxy-user", "dr-lark:song").status == 200
    assert seen == ["dr-lark"]


def test_a_page_teaches_while_it_streams(make_rig: MakeRig) -> None:
    """A page is read as its site sent it, without our tag."""
    with make_rig(learns_from=lambda _request, kind: kind.startswith("text/html")) as rig:
        rig.curl(rig.url("/page"), headers=NAVIGATION)
        assert [one.body for one in rig.gate.learned] == [PAGE]


def test_practice_mode_reaches_no_real_site(make_rig: MakeRig) -> None:
    """A host with a stand-in goes there; a watched one without is refused on this machine."""
    practice = Practice(frozenset({"stand.watched.test"}), ("127.0.0.1", 1))
    with make_rig(practice=practice) as rig:
        assert rig.curl(rig.url("/asset")).status == 502
        assert "no practice stand-in" in rig.curl(rig.url("/asset")).json()["detail"]
        # Nobody listens on port 1: that it was tried, and not the site, is what counts.
        assert rig.curl(rig.url("/x", "stand.watched.test")).status == 502
        assert rig.site.seen == []


def test_the_first_flush_shows_at_once(make_rig: MakeRig) -> None:
    """A page that its site sends in pieces is not kept until its end: curl gets the start while the rest waits."""
    with make_rig() as rig, rig.stream(rig.url("/flushed"), NAVIGATION) as pieces:
        assert pieces.read(20) == PAGE[:20]
        rig.curl(rig.url("/go-on"))
        assert pieces.read().endswith(PAGE[40:])


def test_websockets_go_through_and_their_messages_are_read(make_rig: MakeRig) -> None:
    """A message that is an action and may not pass is dropped; those before and after it go on."""
    with make_rig() as rig:
        rig.gate.decide_with = lambda _request, _clinician: Speculative()
        answers = rig.talk("/socket?chat=1", ["one", "this is held", "three"])
        assert answers == ["got one", "got three"]
        assert [body for _, _, body in rig.site.seen] == [b"one", b"three"]
        assert {(one.method, one.path, one.query) for one in rig.gate.seen[1:]} == {("GET", "/socket", "chat=1")}


def test_behind_the_clinics_own_proxy(make_rig: MakeRig) -> None:
    """`upstream:` mode: sites are reached through that proxy, our own pages are not, nor is what is held."""
    targets: list[str] = []
    with in_thread(clinic_proxy(targets)) as port, make_rig(mode=f"upstream:http://127.0.0.1:{port}") as rig:
        rig.gate.decide_with = lambda _request, _clinician: Speculative()
        assert rig.curl("https://guardrail.internal/x").json()["path"] == "http://guardrail.internal/x"
        assert rig.curl(rig.url("/held")).status == 503
        assert targets == []
        assert rig.curl(rig.url("/asset")).status == 200
        assert rig.curl(rig.url("/free", FREE), ca=rig.site.ca).status == 200
        assert targets == [f"{WATCHED}:{rig.site.port}", f"{FREE}:{rig.site.port}"]

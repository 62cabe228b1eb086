"""What a person expects of a browser still holds: Back, reload, tabs, prefetch, suggestions, workers, streams."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from playwright.sync_api import Error, Request, expect

from guardrail.model.entry import EntryKind
from guardrail.practice.people import MARGIT
from tests.e2e.scene import FACEBOOK, GOOGLE, STARTPAGE, Scene, X, note

SEARCH = f"{GOOGLE}/search?q=Margit+Ollander"
RESULTS = re.compile("^Results for")
K = EntryKind


def test_a_post_search_is_resumed_with_its_words(scene: Scene) -> None:
    """A search that was sent as a form goes on as that very form: method and body too."""
    scene.page.goto(f"{STARTPAGE}/")
    scene.search("Margit Ollander Victoria")
    scene.justify(scene.held_page())
    expect(scene.page.get_by_role("heading", name="Results for Margit Ollander Victoria")).to_be_visible()
    expect(scene.page).to_have_url(f"{STARTPAGE}/sp/search")
    arrived = [one for one in scene.house.arrived() if one["path"] == "/sp/search" and "Victoria" in one["body"]]
    assert [one["method"] for one in arrived] == ["POST"]


def test_back_from_the_question_and_forward_again(scene: Scene) -> None:
    """Back leads to the page before; coming again to the same address asks about the same hold."""
    scene.page.goto(f"{GOOGLE}/")
    scene.search("Margit Ollander")
    first = scene.held_page().url
    scene.page.go_back()
    expect(scene.page).to_have_url(f"{GOOGLE}/")
    scene.search("Margit Ollander")
    assert scene.held_page().url == first
    assert scene.kinds() == [K.HOLD_OPENED]


def test_reload_asks_the_same_question(scene: Scene) -> None:
    """Reloading the question shows it again, and opens no second one."""
    scene.page.goto(SEARCH)
    address = scene.held_page().url
    scene.page.reload()
    assert scene.held_page().url == address
    assert scene.kinds() == [K.HOLD_OPENED]


def test_a_new_tab_goes_on_with_the_answer_of_the_first(scene: Scene) -> None:
    """A second tab is asked the same; once the first is answered the second goes on by reloading."""
    scene.page.goto(SEARCH)
    scene.held_page()
    second = scene.context.new_page()
    second.goto(SEARCH)
    scene.held_page(second)
    scene.page.bring_to_front()
    scene.justify(scene.page)
    expect(scene.page.get_by_role("heading", name=RESULTS)).to_be_visible()
    second.bring_to_front()
    second.goto(SEARCH)
    expect(second.get_by_role("heading", name=RESULTS)).to_be_visible()
    assert scene.kinds().count(K.JUSTIFIED) == 1
    assert scene.kinds().count(K.HOLD_OPENED) == 1


def test_going_back_in_a_tab_whose_question_another_answered(scene: Scene) -> None:
    """When a second tab has answered, going back in the first shows what stands, and sends nobody to the site."""
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    second = scene.context.new_page()
    second.goto(SEARCH)
    scene.justify(scene.held_page(second))
    expect(second.get_by_role("heading", name=RESULTS)).to_be_visible()
    asked.bring_to_front()
    scene.go_back(asked)
    expect(asked.get_by_role("heading", name=re.compile("^You may go on"))).to_be_visible()
    scene.shot("answered elsewhere")
    assert K.BACKED_OUT not in scene.kinds()
    assert scene.arrived("q=Margit") == 1


def test_back_after_going_back_shows_that_nothing_was_sent(scene: Scene) -> None:
    """Back, after `go back`, shows how it ended and no form; trying again asks anew."""
    scene.page.goto(f"{GOOGLE}/")
    scene.search("Margit Ollander")
    first = scene.held_page().url
    scene.go_back(scene.page)
    expect(scene.page).to_have_url(re.compile(f"^{re.escape(GOOGLE)}/(?!search)"))
    scene.page.go_back()
    expect(scene.page).to_have_url(first)
    expect(scene.page.get_by_role("heading", name="Nothing was sent")).to_be_visible()
    expect(scene.page.locator("form")).to_have_count(0)
    scene.page.get_by_role("link", name="Try again").click()
    assert scene.held_page().url != first
    assert scene.kinds() == [K.HOLD_OPENED, K.BACKED_OUT, K.HOLD_OPENED]
    assert scene.arrived("q=Margit") == 0


def test_back_to_an_answered_question_shows_that_it_is_answered(scene: Scene) -> None:
    """After going on, Back does not offer the same form again."""
    scene.page.goto(SEARCH)
    address = scene.held_page().url
    scene.justify(scene.page)
    expect(scene.page.get_by_role("heading", name=RESULTS)).to_be_visible()
    scene.page.goto(address)
    expect(scene.page.get_by_role("heading", name=re.compile("^You may go on"))).to_be_visible()
    scene.shot("answered")
    expect(scene.page.locator("form[action$='/crisis']")).to_have_count(0)


def test_a_form_sent_twice_counts_once(scene: Scene) -> None:
    """Two submissions of one answer make one justification and one grant."""
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    second = scene.context.new_page()
    second.goto(asked.url)
    scene.justify(second)
    expect(second.get_by_role("heading", name=RESULTS)).to_be_visible()
    asked.bring_to_front()
    scene.justify(asked)
    expect(asked.get_by_role("heading", name=RESULTS)).to_be_visible()
    kinds = scene.kinds()
    assert (kinds.count(K.JUSTIFIED), kinds.count(K.GRANT_ISSUED)) == (1, 1)


def test_a_prefetch_is_refused_and_not_counted(scene: Scene) -> None:
    """What the site asks for ahead gets a non-2xx answer, leaves no entry, and does not reach the site."""
    scene.page.goto(f"{GOOGLE}/")
    box = scene.page.get_by_role("combobox", name="Search Google")
    box.fill("Margit Ollander")
    with scene.page.expect_response(lambda answer: answer.url.startswith(f"{GOOGLE}/search?q=")) as event:
        scene.page.get_by_role("button", name="Search", exact=True).hover()
    assert not 200 <= event.value.status < 300
    assert event.value.request.headers["sec-purpose"].startswith("prefetch")
    assert scene.kinds() == []
    assert scene.arrived("q=Margit") == 0
    box.press("Enter")
    scene.held_page()


SUGGESTING = (
    ("https://www.google.com/", "Search Google", "margit o", "sertraline"),
    ("https://www.bing.com/", "Search Bing", "margit o", "jorunn"),
    ("https://www.facebook.com/", "Search Facebook", "margit o", "jorunn"),
    ("https://www.instagram.com/", "Search Instagram", "margit o", "jorunn"),
    ("https://www.linkedin.com/feed/", "Search LinkedIn", "margit o", "jorunn"),
    ("https://x.com/home", "Search X", "margit o", "jorunn"),
)


@pytest.mark.parametrize(("address", "box", "client", "other"), SUGGESTING, ids=[case[1] for case in SUGGESTING])
def test_suggestions_for_a_client_are_silenced(scene: Scene, address: str, box: str, client: str, other: str) -> None:
    """A client's name, begun, gets an empty well-formed answer; another text gets its suggestions."""
    failures: list[str] = []
    scene.page.on("pageerror", lambda error: failures.append(str(error)))
    scene.page.goto(address)
    field = scene.page.get_by_role("combobox", name=box)
    options = scene.page.locator("#suggestions option")
    field.fill(other)
    expect(options).not_to_have_count(0)
    with scene.page.expect_response(lambda answer: _asks(answer.request, client)) as event:
        field.fill(client)
    assert event.value.status == 200
    expect(options).to_have_count(0)
    assert failures == []
    assert scene.arrived("margit o") == 0
    assert K.HOLD_OPENED not in scene.kinds()


def _asks(request: Request, text: str) -> bool:
    seen = f"{request.url} {request.post_data or ''}"
    return any(form in seen for form in (text.replace(" ", "+"), text.replace(" ", "%20")))


def test_a_workers_request_raises_the_overlay_at_once(scene: Scene) -> None:
    """Under nonce, strict-dynamic and Trusted Types a worker's refused request brings the overlay up."""
    scene.view_with_consent(f"{FACEBOOK}/{MARGIT.facebook}")
    begun = time.perf_counter()
    asked = scene.overlay(lambda: scene.button("Add friend"))
    shown = time.perf_counter()
    note("worker to overlay, ms", round(1000 * (shown - begun)))
    scene.shot("overlay")
    scene.go_back(asked)
    scene.status("Friend request: the site did not get it (answer 403)")
    assert scene.arrived("FriendRequestSendMutation") == 0


def test_single_page_navigation_is_stopped_too(scene: Scene) -> None:
    """A page that changes without loading asks in place; going back leaves the page as it was."""
    scene.page.goto(f"{FACEBOOK}/")
    asked = scene.overlay(lambda: scene.page.get_by_role("link", name=MARGIT.name).click())
    scene.go_back(asked)
    expect(scene.page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    assert scene.arrived("ProfileCometHeaderQuery") == 0


def test_a_flushed_page_shows_its_first_flush_at_once(scene: Scene) -> None:
    """The top of a page is there, with the overlay's script, while the site still keeps back the rest."""
    scene.page.goto(f"{FACEBOOK}/?practice_gate=first", wait_until="commit")
    expect(scene.page.get_by_text("Practice site")).to_be_visible()
    expect(scene.page.locator("script[src*='overlay.js']")).to_be_attached()
    expect(scene.page.get_by_role("heading", level=1)).to_have_count(0)
    scene.shot("first flush")
    scene.page.evaluate("fetch('/practice/open?gate=first', {method: 'POST'})")
    expect(scene.page.get_by_role("heading", level=1, name="Home")).to_be_visible()


def test_a_service_worker_does_not_get_around(scene: Scene) -> None:
    """With the site's service worker in front of every request, loads and fetches are stopped all the same."""
    scene.page.goto(f"{X}/home")
    scene.page.locator("html[data-service-worker=ready]").wait_for(state="attached")
    scene.page.reload()
    asked = scene.overlay(lambda: scene.page.get_by_role("link", name=MARGIT.name).click())
    scene.go_back(asked)
    scene.page.goto(f"{X}/{MARGIT.x}")
    scene.justify(scene.held_page())
    expect(scene.page).to_have_url(f"{X}/{MARGIT.x}")
    expect(scene.page.get_by_role("heading", level=1, name=MARGIT.name)).to_be_visible()


def test_the_overlay_survives_a_page_that_replaces_its_body(scene: Scene) -> None:
    """A single-page app that throws its whole document body away keeps guardrail's overlay."""
    scene.page.goto(f"{FACEBOOK}/")
    expect(scene.page.get_by_role("button", name="Confirm Margit Ollander")).to_be_visible()
    scene.page.evaluate("document.body.replaceWith(document.body.cloneNode(true))")
    asked = scene.overlay(lambda: scene.button("Confirm Margit Ollander"))
    scene.go_back(asked)


def test_a_forged_form_is_refused(scene: Scene) -> None:
    """A site that posts to a hold gets nothing: refused and recorded."""
    scene.page.goto(SEARCH)
    address = scene.held_page().url
    scene.page.goto(f"{FACEBOOK}/")
    scene.page.evaluate(
        """address => { const form = document.createElement("form"); form.method = "post"; form.action = address;
        document.body.append(form); form.submit(); }""",
        f"{address}/back",
    )
    expect(scene.page.get_by_role("heading", name="This form was not accepted")).to_be_visible()
    scene.shot("refused")
    assert scene.kinds() == [K.HOLD_OPENED, K.REFUSED]


class _Quiet(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"not for you")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        return


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[int]:
    """Serve https on loopback under a certificate that nobody trusts; give the port."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
    ).add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    file = tmp_path / "own.pem"
    file.write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Quiet)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_untrusted_certificate_is_still_refused(scene: Scene, untrusted: int) -> None:
    """Checks are on: through the proxy a host that no rule watches shows its own certificate, and that one fails."""
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        scene.page.goto(f"https://localhost:{untrusted}/")

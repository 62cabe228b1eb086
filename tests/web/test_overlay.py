"""The overlay in real Chromium, in a page of a watched site under the hardest content policies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, Playwright, expect, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from guardrail.model.action import ActionKind
from guardrail.model.hold import Hold
from tests.in_page import UNCOVERED
from tests.web.conftest import CHROMIUM, Site, running

FACEBOOK = "https://www.facebook.com"
HARD = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'nonce-n0nce' 'strict-dynamic'; style-src 'none'; connect-src 'none'; "
        "frame-src https://guardrail.internal; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
}
ISOLATED = {**HARD, "Cross-Origin-Embedder-Policy": "require-corp"}
PAGE = """<!doctype html><html lang="en"><head>
<script async src="https://guardrail.internal/assets/overlay.js" nonce="n0nce"></script>
<script async src="https://guardrail.internal/assets/overlay.js" nonce="n0nce"></script>
</head><body><button id="follow">Follow</button><input id="box">
<script nonce="n0nce">
  const cover = document.createElement("div");
  cover.style.cssText = "position:fixed;inset:0;z-index:2147483647;pointer-events:none";
  document.body.append(cover);
  window.heard = [];
  addEventListener("message", (event) => heard.push(JSON.stringify(event.data)));
  addEventListener("keydown", (event) => heard.push("key " + event.key), true);
  document.getElementById("follow").focus();
</script></body></html>"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A browser before which both guardrail.internal and a watched site stand, with TLS."""

    site: Site
    context: BrowserContext

    def open(self, path: str = "/") -> Page:
        """Open a page of the watched site whose channel listens."""
        page = self.context.new_page()
        with page.expect_request_finished(lambda request: "channel.js" in request.url):
            page.goto(FACEBOOK + path)
        return page

    def hold(self) -> Hold:
        """Let a request of that page be held, as the proxy does."""
        return self.site.hold(
            ActionKind.FOLLOW,
            "facebook",
            f"{FACEBOOK}/api/graphql",
            page=False,
            headers=((b"Origin", FACEBOOK.encode()), (b"Referer", FACEBOOK.encode() + b"/")),
        )


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Start Playwright; its browsers are started by each stage, since addresses are mapped at start."""
    with sync_playwright() as started:
        yield started


async def _hard(_request: Request) -> HTMLResponse:
    return HTMLResponse(PAGE, headers=HARD)


async def _isolated(_request: Request) -> HTMLResponse:
    return HTMLResponse(PAGE, headers=ISOLATED)


@pytest.fixture
def stage(playwright: Playwright, serve: Callable[..., Site], certificate: tuple[Path, Path]) -> Iterator[Stage]:
    """Set the stage."""
    tls = {"ssl_certfile": str(certificate[0]), "ssl_keyfile": str(certificate[1])}
    pages = serve(**tls)
    pages.know()
    watched = Starlette(routes=[Route("/", _hard), Route("/isolated", _isolated)])
    with running(watched, **tls) as (port, _loop, _stop):
        rules = f"MAP guardrail.internal:443 127.0.0.1:{pages.port}, MAP www.facebook.com:443 127.0.0.1:{port}"
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", f"--host-resolver-rules={rules}"]
        )
        context = browser.new_context(ignore_https_errors=True, extra_http_headers=pages.proxy_headers, locale="en-CA")
        yield Stage(pages, context)
        browser.close()


def _raise(stage: Stage, page: Page) -> Frame:
    """Hold a request of the page, and give the overlay's frame once the way back has the focus."""
    with page.expect_event("framenavigated", lambda frame: "/overlay/" in frame.url) as risen:
        stage.hold()
    frame = risen.value
    assert isinstance(frame, Frame)
    expect(frame.locator("#back")).to_be_focused()
    return frame


def _gone(page: Page) -> None:
    """Wait until nothing lies above the page and the focus is back on the button that was pressed."""
    page.evaluate(UNCOVERED)
    expect(page.locator("#follow")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/isolated"])
def test_rises_under_the_hardest_policies(stage: Stage, path: str) -> None:
    """A held request raises the overlay above all that the site shows, with the focus on the way back."""
    page = stage.open(path)
    frame = _raise(stage, page)
    expect(frame.locator("h1")).to_contain_text("follow someone on Facebook")
    # The site's cover has the greatest z-index; what is hit in the middle is the overlay's host all the same.
    hit = "getComputedStyle(document.elementFromPoint(innerWidth / 2, innerHeight / 2)).zIndex"
    assert page.evaluate(hit) == "2147483647"
    assert page.evaluate("document.elementFromPoint(innerWidth / 2, innerHeight / 2).shadowRoot") is None


def test_runs_once_per_page(stage: Stage) -> None:
    """Two tags make one channel."""
    page = stage.open()
    assert sum("/channel?" in frame.url for frame in page.frames) == 1


def test_esc_goes_back(stage: Stage) -> None:
    """Esc backs out on the ledger, the overlay goes, and the focus is where it was."""
    page = stage.open()
    _raise(stage, page)
    page.keyboard.press("Escape")
    _gone(page)
    assert stage.site.kinds()[-1] == "backed_out"


def test_a_late_click_leaves_the_focus_with_the_page(stage: Stage) -> None:
    """A frame that takes the focus again while it goes does not keep it."""
    page = stage.open()
    frame = _raise(stage, page)
    frame.evaluate("addEventListener('keydown', () => setTimeout(() => focus(), 100), true)")
    frame.locator("#back").press("Escape")
    _gone(page)


def test_answered_within_the_page_and_unseen_by_it(stage: Stage) -> None:
    """The overlay says what may now be done, and the site's scripts have heard and seen nothing of it."""
    page = stage.open()
    frame = _raise(stage, page)
    frame.get_by_text("This is not my client").click()
    frame.get_by_label("A health professional").check()
    frame.get_by_label("A line about it, if you wish").fill("we trained together")
    frame.locator("#note").press("Enter")
    expect(frame.locator("h1")).to_contain_text("You may do it now, once, until")
    told = [json.loads(message) for message in page.evaluate("heard")]
    hold, *sizes = told
    assert set(hold) == {"guardrail", "hold"}, "no key, no word, only that a hold came up"
    assert [set(message) for message in sizes] == [{"guardrail", "height"}] * len(sizes)
    heights = [message["height"] for message in sizes]
    assert (heights[0], [type(height) for height in heights[1:]]) == (None, [int] * len(heights[1:])), (
        "no form's height"
    )
    assert "trained" not in page.content()
    frame.get_by_role("button", name="Close").click()
    _gone(page)
    assert "attested" in stage.site.kinds()


def test_the_dialog_is_as_high_as_what_it_holds(stage: Stage) -> None:
    """A question takes the room that there is; the few words after the answer take a low dialog, nothing cut off."""
    page = stage.open()
    frame = _raise(stage, page)
    assert frame.evaluate("innerHeight") == page.evaluate("innerHeight") - 48
    frame.get_by_text("This is not my client").click()
    frame.get_by_label("A health professional").check()
    frame.locator("#note").press("Enter")
    expect(frame.locator("h1")).to_contain_text("You may do it now, once, until")
    frame.evaluate("""() => new Promise(done => {
        const look = () => innerHeight < 420 ? done() : requestAnimationFrame(look);
        look(); })""")
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight"), "something is cut off"


def test_survives_a_page_that_replaces_itself(stage: Stage) -> None:
    """A new body leaves the overlay alone; a new document element gets it back while it is open."""
    page = stage.open()
    page.evaluate("document.body = document.createElement('body')")
    page.evaluate("history.pushState({}, '', '/another')")
    _raise(stage, page)
    with page.expect_event("framenavigated", lambda frame: "/overlay/" in frame.url) as again:
        page.evaluate("document.documentElement.replaceWith(document.createElement('html'))")
    expect(again.value.locator("#back")).to_be_visible()


def test_next_hold_follows_when_one_is_closed(stage: Stage) -> None:
    """Holds wait for each other: one question at a time."""
    page = stage.open()
    _raise(stage, page)
    second = stage.site.hold(
        ActionKind.MESSAGE, "facebook", f"{FACEBOOK}/api/graphql", page=False, headers=((b"Origin", FACEBOOK.encode()),)
    )
    with page.expect_event(
        "framenavigated", lambda frame: frame.url.endswith(second.id) and "/overlay/" in frame.url
    ) as next_one:
        page.keyboard.press("Escape")
    expect(next_one.value.locator("h1")).to_contain_text("write to someone")


def test_waits_for_a_hidden_tab(stage: Stage) -> None:
    """A tab that nobody looks at raises nothing until it is seen."""
    page = stage.open()
    channel = next(frame for frame in page.frames if "/channel?" in frame.url)
    see = "state => Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })"
    channel.evaluate(see, "hidden")
    stage.hold()
    channel.evaluate(see, "visible")
    with page.expect_event("framenavigated", lambda frame: "/overlay/" in frame.url):
        channel.evaluate("setInterval(() => document.dispatchEvent(new Event('visibilitychange')), 50)")


def test_takes_no_word_from_the_site(stage: Stage) -> None:
    """Messages that the site sends to itself raise nothing."""
    page = stage.open()
    page.evaluate("postMessage({ guardrail: 'hold', hold: 'forged' }, '*')")
    assert page.evaluate("new Promise(done => setTimeout(() => done(heard.length)))") == 1
    assert not [frame for frame in page.frames if "/overlay/" in frame.url]


def test_an_unknown_hold_is_a_calm_page_that_closes(stage: Stage) -> None:
    """Where the overlay finds no hold any more, its page says so within the frame, and can be closed."""
    page = stage.open()
    frame = _raise(stage, page)
    frame.evaluate("location.pathname = '/overlay/none'")
    frame.get_by_role("button", name="Close").click()
    _gone(page)

"""The overlay is let in by every policy of a page, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.proxy.csp import ORIGIN, admit, admit_frame, split_policies


@pytest.mark.parametrize(
    ("policies", "edited", "nonce"),
    [
        ([], [], None),
        (["img-src *"], ["img-src *"], None),
        (
            ["script-src 'nonce-aBc=' 'strict-dynamic'; frame-src 'self'; require-trusted-types-for 'script'"],
            [
                (
                "script-src 'nonce-aBc=' 'strict-dynamic'; frame-src 'self' https://guardrail.internal; "
                "require-trusted-types-for 'script'"
                )
            ],
            "aBc=",
        ),
        (
            ["script-src 'self' 'unsafe-inline'; frame-src 'none'"],
            ["script-src 'self' 'unsafe-inline' https://guardrail.internal; frame-src https://guardrail.internal"],
            None,
        ),
        (
            ["script-src 'sha256-abc' 'strict-dynamic'"],
            ["script-src 'sha256-abc' 'strict-dynamic' 'nonce-fresh'"],
            "fresh",
        ),
        (
            ["default-src 'self'"],
            [
                (
                "default-src 'self'; frame-src 'self' https://guardrail.internal; "
                "script-src-elem 'self' https://guardrail.internal"
                )
            ],
            None,
        ),
        (
            ["default-src 'none'"],
            [
                "default-src 'none'; frame-src https://guardrail.internal; script-src-elem https://guardrail.internal",
            ],
            None,
        ),
        (
            ["child-src 'self'; script-src *"],
            ["child-src 'self'; script-src *; frame-src 'self' https://guardrail.internal"],
            None,
        ),
        (["frame-src https:; script-src https:"], ["frame-src https:; script-src https:"], None),
        (["default-src *"], ["default-src *"], None),
        (["script-src 'nonce-one'", "script-src 'nonce-two'"],
         ["script-src 'nonce-one'", "script-src 'nonce-two' 'nonce-one'"], "one"),
        (["script-src 'nonce-one'", "script-src 'self' 'unsafe-inline'"],
         ["script-src 'nonce-one'", "script-src 'self' 'unsafe-inline' https://guardrail.internal"], "one"),
        (["script-src 'none'; script-src *"], ["script-src https://guardrail.internal; script-src *"], None),
        (["script-src-elem 'self'; script-src 'nonce-a'"],
         ["script-src-elem 'self' https://guardrail.internal; script-src 'nonce-a'"], None),
        (["SCRIPT-SRC 'Nonce-aB'"], ["SCRIPT-SRC 'Nonce-aB'"], "aB"),
    ],
)  # fmt: skip
def test_each_policy_takes_the_overlay(policies: list[str], edited: list[str], nonce: str | None) -> None:
    """Our frame, and our script by the page's nonce, by ours, or by our origin; all else word for word."""
    admission = admit(policies, "fresh")
    assert list(admission.policies) == edited
    assert admission.nonce == nonce


def test_a_policy_in_the_page_takes_the_frame_alone() -> None:
    """Our script stands before it and is not bound by it."""
    assert admit_frame("script-src 'self'; frame-src 'self'") == f"script-src 'self'; frame-src 'self' {ORIGIN}"
    assert admit_frame("script-src 'self'") == "script-src 'self'"


_SOURCES = st.lists(
    st.sampled_from(["'self'", "'none'", "*", "https:", "'nonce-x'", "'strict-dynamic'", "'unsafe-inline'", "a.test"])
)
_NAMES = st.sampled_from(["frame-src", "child-src", "default-src", "script-src", "script-src-elem", "img-src", "x"])
_POLICIES = st.lists(
    st.lists(st.tuples(_NAMES, _SOURCES), min_size=1).map(
        lambda parts: "; ".join(" ".join((name, *sources)) for name, sources in parts)
    )
)


@given(_POLICIES)
def test_admitting_twice_changes_nothing_more(policies: list[str]) -> None:
    """What has let us in needs no further edit, and keeps its nonce."""
    once = admit(policies, "fresh")
    twice = admit(once.policies, "other")
    assert twice.policies == once.policies
    assert twice.nonce == once.nonce


@given(_POLICIES)
def test_only_our_own_sources_are_added(policies: list[str]) -> None:
    """No source of another's appears in any policy."""
    before = {word for policy in policies for word in policy.replace(";", " ").split()}
    after = {word for policy in admit(policies, "fresh").policies for word in policy.replace(";", " ").split()}
    assert after - before <= {ORIGIN, "'nonce-fresh'", "'nonce-x'", "frame-src", "script-src-elem"}


@given(st.text(max_size=60))
def test_any_text_is_taken(text: str) -> None:
    """No policy makes it raise."""
    admit(split_policies(text), "fresh")

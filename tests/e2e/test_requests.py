"""What a page sends is stopped before it reaches its site, and asked about in the page."""

from __future__ import annotations

import pytest

from guardrail.practice.people import MARGIT, OSSIAN, TOBIN
from tests.e2e.scene import FACEBOOK, INSTAGRAM, LINKEDIN, Scene, X
from tests.e2e.stopped import ANYBODY, FB_CLINIC, FB_MARGIT, IG_MARGIT, LI_MARGIT, TRUSTPILOT, X_MARGIT, Stopped, meets

IN_PAGE = (
    Stopped(
        "facebook search", f"{FACEBOOK}/", lambda s: s.search("Margit Ollander"), "search", "searching", "/search/top"
    ),
    Stopped(
        "facebook profile without loading",
        f"{FACEBOOK}/",
        lambda s: s.page.get_by_role("link", name="Margit Ollander").click(),
        "view_profile",
        "viewing",
        f"/{MARGIT.facebook}",
    ),
    Stopped(
        "facebook friend request by a worker",
        FB_MARGIT,
        lambda s: s.button("Add friend"),
        "connect_request",
        "contact-requests",
        "FriendRequestSendMutation",
        viewing=True,
    ),
    Stopped(
        "facebook accept by id",
        f"{FACEBOOK}/",
        lambda s: s.button("Confirm Margit Ollander"),
        "connect_accept",
        "contact-requests",
        "FriendRequestConfirmMutation",
    ),
    Stopped(
        "facebook follow",
        FB_MARGIT,
        lambda s: s.button("Follow"),
        "follow",
        "following-clients",
        "FollowMutation",
        viewing=True,
    ),
    Stopped(
        "facebook like", FB_MARGIT, lambda s: s.button("Like"), "react", "casual-contact", "ReactMutation", viewing=True
    ),
    Stopped(
        "facebook comment",
        FB_MARGIT,
        lambda s: s.write("Comment", "Lovely!", "Post comment"),
        "comment",
        "casual-contact",
        "CreateCommentMutation",
        viewing=True,
    ),
    Stopped(
        "facebook message",
        FB_MARGIT,
        lambda s: s.write("Message", "How are you?", "Send"),
        "message",
        "casual-contact",
        "/messaging/send/",
        viewing=True,
    ),
    Stopped(
        "facebook who liked our post",
        FB_CLINIC,
        lambda s: s.button("See who liked it"),
        "view_followers",
        "fan-pages",
        "ReactionsDialogQuery",
        client=ANYBODY,
    ),
    Stopped(
        "facebook answer to a review",
        FB_CLINIC,
        lambda s: s.write("Answer the review", "Thank you!", "Publish"),
        "review_reply",
        "review-replies",
        "CreateCommentMutation",
        client=ANYBODY,
    ),
    Stopped(
        "facebook invitation to like",
        FB_CLINIC,
        lambda s: s.button("Invite Margit Ollander"),
        "review_solicit",
        "testimonials-clients",
        "InviteMutation",
        way_on=False,
    ),
    Stopped(
        "instagram approve by id",
        f"{INSTAGRAM}/",
        lambda s: s.button("Approve Margit Ollander"),
        "connect_accept",
        "contact-requests",
        "/friendships/approve/",
    ),
    Stopped(
        "instagram follow by id",
        IG_MARGIT,
        lambda s: s.button("Follow"),
        "follow",
        "following-clients",
        "/friendships/create/",
        viewing=True,
    ),
    Stopped(
        "instagram followers of the clinic",
        f"{INSTAGRAM}/",
        lambda s: s.button("Followers"),
        "view_followers",
        "fan-pages",
        "/followers/",
        client=ANYBODY,
    ),
    Stopped(
        "instagram like", IG_MARGIT, lambda s: s.button("Like"), "react", "casual-contact", "/web/likes/", viewing=True
    ),
    Stopped(
        "linkedin accept by invitation id",
        f"{LINKEDIN}/mynetwork/invitation-manager/",
        lambda s: s.button("Accept Margit Ollander"),
        "connect_accept",
        "contact-requests",
        "action=accept",
    ),
    Stopped(
        "linkedin connect",
        LI_MARGIT,
        lambda s: s.button("Connect"),
        "connect_request",
        "contact-requests",
        "MemberRelationships",
        viewing=True,
    ),
    Stopped(
        "linkedin message",
        LI_MARGIT,
        lambda s: s.write("Message", "How are you?", "Send"),
        "message",
        "casual-contact",
        "createMessage",
        viewing=True,
    ),
    Stopped(
        "x follow by id",
        X_MARGIT,
        lambda s: s.button("Follow"),
        "follow",
        "following-clients",
        "friendships/create",
        viewing=True,
    ),
    Stopped(
        "x followers of the clinic",
        f"{X}/home",
        lambda s: s.button("Followers, in this page"),
        "view_followers",
        "fan-pages",
        "/Followers",
        client=ANYBODY,
    ),
    Stopped(
        "linkedin like, known by the page it was on",
        LI_MARGIT,
        lambda s: s.button("Like"),
        "react",
        "casual-contact",
        "SocialDashReactions",
        viewing=True,
    ),
    Stopped(
        "linkedin connect from a professional account",
        f"{LINKEDIN}/in/{OSSIAN.linkedin}/",
        lambda s: s.button("Connect"),
        "connect_request",
        "professionals-only",
        "MemberRelationships",
        client=ANYBODY,
    ),
    Stopped(
        "linkedin invitation to follow the clinic",
        f"{LINKEDIN}/feed/",
        lambda s: s.button("Invite Margit Ollander to follow"),
        "review_solicit",
        "testimonials",
        "DashInvitations",
        way_on=False,
    ),
    Stopped(
        "x accept of a former client",
        f"{X}/home",
        lambda s: s.button("Accept Tobin Ashgrove-Lund"),
        "connect_accept",
        "contact-requests",
        "friendships/accept",
        client=TOBIN.client_ref,
    ),
    Stopped(
        "x message",
        X_MARGIT,
        lambda s: s.write("Message", "Are you well?", "Send"),
        "message",
        "casual-contact",
        "dm/new2",
        viewing=True,
    ),
    Stopped(
        "x reply, known by the page it was on",
        X_MARGIT,
        lambda s: s.write("Reply", "Lovely!", "Post reply"),
        "comment",
        "casual-contact",
        "CreateTweet",
        viewing=True,
    ),
    Stopped(
        "trustpilot answer from another origin",
        TRUSTPILOT,
        lambda s: s.write("Answer", "Thank you!", "Publish"),
        "review_reply",
        "review-replies",
        "Thank you!",
        client=ANYBODY,
    ),
    Stopped(
        "trustpilot request by mail",
        TRUSTPILOT,
        lambda s: s.button("Ask Margit Ollander by mail"),
        "review_solicit",
        "testimonials-review-sites",
        "consumerEmail",
        way_on=False,
    ),
)


@pytest.mark.parametrize("case", IN_PAGE, ids=lambda case: case.id)
def test_an_action_in_a_page_raises_the_overlay(scene: Scene, case: Stopped) -> None:
    """A request that a page sends is refused, the overlay asks, and nothing of it reaches the site."""
    meets(scene, case, "overlay", lambda: scene.overlay(lambda: case.do(scene)))

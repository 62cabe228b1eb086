// The practice LinkedIn: voyager's own mixture of Rest.li tuples and JSON.
"use strict";

(() => {
  const { actions, fills, json, list, parse, searchBox, send } = practice;
  const API = "/voyager/api";
  const ME = "urn:li:fsd_profile:ACoAABHksKQBpracticeViewerAAAAAAAAAAAAAAAAA";
  const JSON_UTF8 = "application/json; charset=UTF-8";
  const profile = (id) => `urn:li:fsd_profile:${id}`;
  const post = (what, path, value, type = JSON_UTF8) => send(what, API + path, json(value, type));

  Object.assign(actions, {
    connect: ({ id }) =>
      post("Invitation", "/voyagerRelationshipsDashMemberRelationships?action=verifyQuotaAndCreateV2", {
        invitee: { inviteeUnion: { memberProfile: profile(id) } },
        customMessage: "Let us connect",
      }),
    accept: ({ invitation }) =>
      post("Accepting", `/relationships/invitations/${invitation}?action=accept`, {
        invitationId: invitation,
        invitationSharedSecret: "practice",
        isGenericInvitation: false,
      }),
    follow: ({ id }) =>
      post("Follow", `/feed/dash/followingStates/urn:li:fsd_followingState:${profile(id)}`, {
        patch: { $set: { following: true } },
      }),
    react: (data) =>
      post("Like", `/voyagerSocialDashReactions?threadUrn=${encodeURIComponent(`urn:li:activity:${data.post}`)}`, {
        reactionType: "LIKE",
      }),
    comment: (data) =>
      post("Comment", "/voyagerSocialDashNormComments?decorationId=com.linkedin.voyager.dash.deco.social.NormComment-41", {
        commentary: { text: data.text, attributesV2: [] },
        threadUrn: `urn:li:activity:${data.post}`,
      }),
    message: ({ id, text }) =>
      post(
        "Message",
        "/voyagerMessagingDashMessengerMessages?action=createMessage",
        {
          message: { body: { text }, originToken: "00000000-0000-4000-8000-000000000004" },
          mailboxUrn: ME,
          hostRecipientUrns: [profile(id)],
        },
        "text/plain;charset=UTF-8",
      ),
    invite: ({ id }) =>
      post("Invitation", "/voyagerRelationshipsDashInvitations?inviter=(organizationUrn:urn%3Ali%3Afsd_company%3A98765432)", {
        elements: [{ inviteeMember: profile(id), genericInvitationType: "ORGANIZATION" }],
      }),
  });

  fills.profile = (place) =>
    send(
      null,
      `${API}/identity/dash/profiles?q=memberIdentity&memberIdentity=${encodeURIComponent(place.dataset.handle)}` +
        "&decorationId=com.linkedin.voyager.dash.deco.identity.profile.WebTopCardCore-18",
    );

  fills.invitations = async (place) => {
    const answer = parse(
      await send(null, `${API}/relationships/invitationViews?start=0&count=3&includeInsights=true&q=receivedInvitation`),
    );
    const included = answer?.included ?? [];
    const people = new Map(included.filter((one) => one.firstName).map((one) => [one.entityUrn, one]));
    const rows = included
      .filter((one) => one.invitationType)
      .map((one) => {
        const from = people.get(one["*fromMember"]);
        const name = `${from.firstName} ${from.lastName}`;
        const invitation = one.mailboxItemId.split(":").at(-1);
        return { label: name, buttons: [{ label: `Accept ${name}`, do: "accept", data: { invitation } }] };
      });
    list(place, rows);
  };

  searchBox(async (text) => {
    const query = `variables=(query:${encodeURIComponent(text)})&queryId=voyagerSearchDashTypeahead.fa9acbcb761f7b5ec2c808e6da796296`;
    const answer = parse(await send(null, `${API}/graphql?${query}`));
    const elements = answer?.data?.data?.searchDashTypeaheadByGlobalTypeahead?.elements ?? [];
    return elements.map((one) => one.entityLockupView?.title?.text ?? "");
  });
})();

// The practice Facebook: GraphQL over form posts, single-page navigation, and one operation sent by a worker.
"use strict";

(() => {
  const { actions, fills, form, list, parse, report, routes, searchBox, send, trusted, visit } = practice;
  const VIEWER = "100009112233445";
  const PAGE = "61550098765432";
  const feedback = (post) => btoa(`feedback:${post}`);

  const operation = (name, document, variables, actor = VIEWER) => {
    const options = form({
      av: actor,
      __aaid: "0",
      __user: VIEWER,
      __a: "1",
      __comet_req: "15",
      fb_dtsg: "practice",
      lsd: "practice",
      fb_api_caller_class: "RelayModern",
      fb_api_req_friendly_name: name,
      server_timestamps: "true",
      variables: JSON.stringify(variables),
      doc_id: document,
    });
    options.headers["x-fb-friendly-name"] = name;
    return options;
  };
  const graphql = (what, ...rest) => send(what, "/api/graphql/", operation(...rest));
  const input = (values, actor = VIEWER) => ({
    input: { ...values, actor_id: actor, client_mutation_id: "1" },
    scale: 1,
  });

  const worker = new Worker(trusted.script("/practice/assets/facebook-worker.js"));
  worker.addEventListener("message", ({ data }) => report(data.what, data.ok, data.status));

  Object.assign(actions, {
    befriend: ({ id }) =>
      worker.postMessage({
        what: "Friend request",
        options: operation(
          "FriendingCometFriendRequestSendMutation",
          "9757269034400464",
          input({ friend_requestee_ids: [id], friending_channel: "PROFILE_BUTTON", warn_ack_for_ids: [] }),
        ),
      }),
    confirm: ({ id }) =>
      graphql(
        "Accepting the request",
        "FriendingCometFriendRequestConfirmMutation",
        "9518016021660045",
        input({ friend_requester_id: id, friending_channel: "FRIENDS_HOME_REQUESTS", warn_ack: false }),
      ),
    follow: ({ id }) =>
      graphql(
        "Follow",
        "CometUserFollowMutation",
        "25581663504782089",
        input({ subscribe_location: "PROFILE", subscribee_id: id, tracking: null }),
      ),
    react: ({ post }) =>
      graphql(
        "Like",
        "CometUFIFeedbackReactMutation",
        "9518016021660044",
        input({ feedback_id: feedback(post), feedback_reaction_id: "1635855486666999", feedback_source: "PROFILE" }),
      ),
    comment: ({ post, text }) =>
      graphql("Comment", "useCometUFICreateCommentMutation", "9518016021660046", {
        feedLocation: "TIMELINE",
        ...input({ feedback_id: feedback(post), message: { ranges: [], text } }),
      }),
    message: ({ id, text }) =>
      send(
        "Message",
        "/messaging/send/",
        form({
          client: "mercury",
          action_type: "ma-type:user-generated-message",
          author: `fbid:${VIEWER}`,
          body: text,
          "specific_to_list[0]": `fbid:${id}`,
          "specific_to_list[1]": `fbid:${VIEWER}`,
          other_user_fbid: id,
          __user: VIEWER,
          __a: "1",
        }),
      ),
    reactors: ({ post }) =>
      graphql("Who liked it", "CometUFIReactionsDialogQuery", "24051433444544934", {
        feedbackTargetID: feedback(post),
        id: feedback(post),
        scale: 2,
      }),
    answer_review: ({ review, text }) =>
      graphql(
        "Answer to the review",
        "useCometUFICreateCommentMutation",
        "9518016021660046",
        {
          feedLocation: "PAGE_SURFACE_RECOMMENDATIONS",
          ...input({ feedback_id: feedback(review), message: { ranges: [], text } }, PAGE),
        },
        PAGE,
      ),
    invite: ({ id }) =>
      graphql(
        "Invitation",
        "useCometProfilePlusSendFriendFollowerInviteMutation",
        "9655810507808142",
        input({ invitee_ids: [id], invitee_type: "FRIENDS", profile_id: PAGE, referrer: "FRIEND_INVITER" }),
      ),
  });

  fills.requests = async (place) => {
    const answer = parse(await graphql(null, "FriendingCometFriendRequestsRootQuery", "9518016021660047", { scale: 1 }));
    list(
      place,
      (answer?.data.viewer.friend_requests.edges ?? []).map(({ node }) => ({
        label: node.name,
        buttons: [{ label: `Confirm ${node.name}`, do: "confirm", data: { id: node.id } }],
      })),
    );
  };

  const go = async (url, push) => {
    const values = { client_previous_actor_id: VIEWER, routing_namespace: "fb_comet", __user: VIEWER };
    const { userID } = (await visit(url, push, values)) ?? {};
    if (userID) graphql(null, "ProfileCometHeaderQuery", "9518016021660048", { userID, scale: 1 });
  };
  routes(go);

  const suggestions = async (text) => {
    const answer = parse(
      await graphql(null, "CometSearchKeywordDataSourceQuery", "9518016021660049", {
        query: { fetch_count: 8, fetch_mode: "blended", query_text: JSON.stringify([text]) },
      }),
    );
    const edges = answer?.data?.search_keywords_suggestion?.suggestions?.edges ?? [];
    return edges.map(({ node }) => node.structured_info?.direct_nav_result?.title ?? node.name);
  };
  searchBox(suggestions, async (text) => {
    await go(new URL(`/search/top/?q=${encodeURIComponent(text)}`, location.origin), true);
    graphql(null, "SearchCometResultsInitialResultsQuery", "9545374252239656", {
      count: 5,
      args: { callsite: "COMET_GLOBAL_SEARCH", experience: { type: "GLOBAL_SEARCH" }, filters: [], text },
      cursor: null,
    });
  });
})();

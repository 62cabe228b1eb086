// The practice Instagram: REST for most, GraphQL for profiles and messages, single-page navigation.
"use strict";

(() => {
  const { actions, fills, form, list, parse, routes, searchBox, send, visit } = practice;
  const VIEWER = "17841400123456789";

  const graphql = (what, url, name, document, variables) => {
    const options = form({
      av: VIEWER,
      __d: "www",
      __user: "0",
      __a: "1",
      fb_api_caller_class: "RelayModern",
      fb_api_req_friendly_name: name,
      server_timestamps: "true",
      variables: JSON.stringify(variables),
      doc_id: document,
    });
    options.headers["x-fb-friendly-name"] = name;
    return send(what, url, options);
  };

  const people = (users, buttons) =>
    users.map((user) => ({ label: user.full_name, href: `/${user.username}/`, route: true, buttons: buttons?.(user) }));

  const shown = async (what, url) => {
    const answer = parse(await send(what, url));
    if (answer) list(document.querySelector("[data-fill=followers]") ?? document.createElement("ul"), people(answer.users));
  };

  Object.assign(actions, {
    follow: ({ id }) =>
      send(
        "Follow",
        `/api/v1/friendships/create/${id}/`,
        form({ container_module: "profile", nav_chain: "PolarisProfilePostsTabRoot:profilePage:1", user_id: id }),
      ),
    approve: ({ id }) => send("Approving", `/api/v1/friendships/approve/${id}/`, form({})),
    react: ({ post }) => send("Like", `/api/v1/web/likes/${post}/like/`, form({})),
    comment: ({ post, text }) => send("Comment", `/api/v1/web/comments/${post}/add/`, form({ comment_text: text })),
    message: ({ id, text }) =>
      graphql("Message", "/api/graphql", "IGDirectTextSendMutation", "25288447354146606", {
        ig_thread_igid: null,
        offline_threading_id: "7328000000000000004",
        recipient_igids: [id],
        text: { sensitive_string_value: text },
      }),
    likers: ({ post }) => shown("Who liked it", `/api/v1/media/${post}/likers/`),
    followers: ({ id }) => shown("Followers", `/api/v1/friendships/${id}/followers/?count=12&search_surface=follow_list_page`),
  });

  fills.pending = async (place) => {
    const answer = parse(await send(null, "/api/v1/friendships/pending/"));
    const approve = (user) => [{ label: `Approve ${user.full_name}`, do: "approve", data: { id: user.pk } }];
    if (answer) list(place, people(answer.users, approve));
  };

  const go = async (url, push) => {
    const values = { routing_namespace: "igx_www", __d: "www", __user: "0" };
    const { id } = (await visit(url, push, values)) ?? {};
    if (id) {
      const variables = { enable_integrity_filters: true, id, render_surface: "PROFILE" };
      graphql(null, "/graphql/query", "PolarisProfilePageContentQuery", "28036671149327607", variables);
    }
  };
  routes(go);

  searchBox(async (text) => {
    const query = new URLSearchParams({ context: "blended", query: text, include_reel: "true" });
    const answer = parse(await send(null, `/api/v1/web/search/topsearch/?${query}`));
    return (answer?.users ?? []).map(({ user }) => user.full_name);
  });
})();

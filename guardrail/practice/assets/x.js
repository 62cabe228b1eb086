// The practice X: GraphQL over GET for reading, over JSON for writing; the service worker stands before all of it.
"use strict";

(() => {
  const { actions, fills, form, json, list, parse, routes, searchBox, send, show } = practice;
  const VIEWER = "1450098877665544321";
  const read = (what, id, operation, variables) =>
    send(what, `/i/api/graphql/${id}/${operation}?${new URLSearchParams({ variables: JSON.stringify(variables), features: "{}" })}`);
  const write = (what, id, operation, variables) =>
    send(what, `/i/api/graphql/${id}/${operation}`, json({ variables, queryId: id }));
  const users = (timeline) =>
    timeline.timeline.instructions[0].entries.map((entry) => entry.content.itemContent.user_results.result.core);

  Object.assign(actions, {
    follow: ({ id }) =>
      send("Follow", "/i/api/1.1/friendships/create.json", form({ include_blocking: "1", skip_status: "1", user_id: id })),
    accept: ({ id }) => send("Accepting", "/i/api/1.1/friendships/accept.json", form({ user_id: id })),
    react: (data) => write("Like", "lI07N6Otwv1PhnEgXILM7A", "FavoriteTweet", { tweet_id: data.post }),
    comment: (data) =>
      write("Reply", "SiM_cAu83R0wnrpmKQQSEw", "CreateTweet", {
        tweet_text: data.text,
        dark_request: false,
        reply: { in_reply_to_tweet_id: data.post, exclude_reply_user_ids: [] },
      }),
    message: ({ id, text }) =>
      send(
        "Message",
        "/i/api/1.1/dm/new2.json",
        json({ conversation_id: `${id}-${VIEWER}`, recipient_ids: false, text, cards_platform: "Web-12", dm_users: false }),
      ),
    followers: async ({ id }) => {
      const answer = parse(
        await read("Followers", "vJijlO_CM7dyGFNjDd7iqQ", "Followers", { userId: id, count: 20, includePromotedContent: false }),
      );
      if (!answer) return;
      const rows = users(answer.data.user.result.timeline).map((core) => ({
        label: core.name,
        href: `/${core.screen_name}`,
        route: true,
      }));
      list(document.querySelector("[data-fill=followers]"), rows);
    },
  });

  // The list of requests is numbers only; who they are is asked for afterwards.
  fills.requests = async (place) => {
    const waiting = parse(await send(null, "/i/api/1.1/friendships/incoming.json?stringify_ids=true"));
    const people = parse(await send(null, `/i/api/1.1/users/lookup.json?user_id=${(waiting?.ids ?? []).join(",")}`));
    const rows = (people ?? []).map((user) => ({
      label: user.name,
      buttons: [{ label: `Accept ${user.name}`, do: "accept", data: { id: user.id_str } }],
    }));
    list(place, rows);
  };

  const go = async (url, push) => {
    const handle = url.pathname.slice(1);
    if (handle === "home" || handle === "") return location.assign("/home");
    if (push) history.pushState(null, "", url.pathname);
    const answer = parse(
      await read("Opening the profile", "NimuplG1OB7Fd2btCLdBOw", "UserByScreenName", { screen_name: handle }),
    );
    if (!answer?.practice) return;
    show(answer.practice.title, answer.practice.html);
    practice.say("");
  };
  routes(go);

  searchBox(async (text) => {
    const query = new URLSearchParams({ include_blocking: "1", q: text, src: "search_box", result_type: "events,users,topics,lists" });
    const answer = parse(await send(null, `/i/api/1.1/search/typeahead.json?${query}`));
    return (answer?.users ?? []).map((user) => user.name);
  });

  if (location.pathname === "/search") {
    const rawQuery = new URLSearchParams(location.search).get("q");
    read(null, "flaR-PUMshxFWZWPNpq4zA", "SearchTimeline", { rawQuery, count: 20, querySource: "typed_query", product: "People" });
  }

  navigator.serviceWorker?.register("/sw.js").then(() => navigator.serviceWorker.ready).then(() => {
    document.documentElement.dataset.serviceWorker = "ready";
  });
})();

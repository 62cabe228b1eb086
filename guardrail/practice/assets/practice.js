// What all practice sites' scripts share: sending, saying what came back, and buttons that do things.
"use strict";

const practice = (() => {
  const policy = window.trustedTypes?.createPolicy("practice", {
    createHTML: (html) => html,
    createScriptURL: (url) => url,
  });
  const trusted = {
    html: (html) => (policy ? policy.createHTML(html) : html),
    script: (url) => (policy ? policy.createScriptURL(url) : url),
  };
  const actions = {};
  const fills = {};

  const say = (text) => {
    document.getElementById("status").textContent = text;
  };

  const report = (what, ok, status) =>
    say(ok ? `${what}: done.` : `${what}: the site did not get it (answer ${status}).`);

  // Gives the text of the answer, or null where the request was refused.
  const send = async (what, url, options = {}) => {
    try {
      const answer = await fetch(url, { credentials: "same-origin", ...options });
      if (what) report(what, answer.ok, answer.status);
      return answer.ok ? await answer.text() : null;
    } catch {
      if (what) report(what, false, "none");
      return null;
    }
  };

  const form = (values) => ({
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(values).toString(),
  });

  const json = (value, type = "application/json") => ({
    method: "POST",
    headers: { "content-type": type },
    body: JSON.stringify(value),
  });

  const parse = (text) => (text === null ? null : JSON.parse(text.replace(/^for \(;;\);|^\)\]\}'\n?/, "")));

  const button = (label, name, data) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    Object.assign(made.dataset, data, { do: name });
    return made;
  };

  // `rows`: [{label, href, route, buttons: [{label, do, data}]}]
  const list = (place, rows) => {
    place.replaceChildren(
      ...rows.map((row) => {
        const item = document.createElement("li");
        const link = document.createElement(row.href ? "a" : "span");
        link.textContent = row.label;
        if (row.href) link.href = row.href;
        if (row.route) link.dataset.route = "";
        item.append(link, " ", ...(row.buttons ?? []).map((one) => button(one.label, one.do, one.data)));
        return item;
      }),
    );
  };

  const fill = (root) => {
    for (const place of root.querySelectorAll("[data-fill]")) fills[place.dataset.fill]?.(place);
  };

  const show = (title, html) => {
    const view = document.getElementById("view");
    const heading = document.createElement("h1");
    heading.textContent = title;
    view.innerHTML = trusted.html(html);
    view.prepend(heading);
    document.title = `${title} (practice site)`;
    fill(view);
  };

  const suggest = (labels) => {
    const options = labels.map((label) => Object.assign(document.createElement("option"), { value: label }));
    document.getElementById("suggestions").replaceChildren(...options);
  };

  // `ask(text)` gives the labels; `search(text)` replaces the form's own sending where it is given.
  const searchBox = (ask, search) => {
    const box = document.querySelector("[data-search]");
    const input = box.querySelector("input");
    input.addEventListener("input", async () => suggest((input.value && (await ask(input.value))) || []));
    if (!search) return;
    box.addEventListener("submit", (event) => {
      event.preventDefault();
      search(input.value);
    });
  };

  const routes = (go) => {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-route]");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      go(new URL(link.href), true);
    });
    window.addEventListener("popstate", () => go(new URL(location.href), false));
  };

  // Meta's sites: the address changes first, then the site asks what stands there. Gives what the page is about, or null.
  const visit = async (url, push, values) => {
    const route = url.pathname + url.search;
    if (push) history.pushState(null, "", route);
    const sent = form({ route_url: route, __a: "1", ...values });
    const answer = parse(await send("Opening the page", "/ajax/route-definition/", sent));
    if (!answer) return null;
    const { exports, practice: view } = answer.payload.result;
    show(view.title, view.html);
    say("");
    return exports.rootView.props;
  };

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("button[data-do]");
    if (pressed) actions[pressed.dataset.do]?.(pressed.dataset);
  });
  document.addEventListener("submit", (event) => {
    const sent = event.target.closest("form[data-do]");
    if (!sent) return;
    event.preventDefault();
    actions[sent.dataset.do]?.({ ...sent.dataset, text: new FormData(sent).get("text") });
  });
  document.addEventListener("DOMContentLoaded", () => fill(document));

  return { actions, fills, form, json, list, parse, report, routes, say, searchBox, send, show, trusted, visit };
})();

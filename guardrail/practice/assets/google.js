// The practice Google: suggestions at every key, and the results asked for before the button is pressed.
"use strict";

(() => {
  const { actions, form, parse, searchBox, send } = practice;

  searchBox(async (text) => {
    const query = new URLSearchParams({ q: text, cp: String(text.length), client: "gws-wiz", xssi: "t", hl: "en-CA" });
    const answer = parse(await send(null, `/complete/search?${query}`));
    return (answer?.[0] ?? []).map(([label]) => label);
  });

  const box = document.querySelector("[data-search]");
  box.querySelector("button").addEventListener("pointerenter", () => {
    const text = box.querySelector("input").value;
    if (!text) return;
    const ahead = document.createElement("link");
    ahead.rel = "prefetch";
    ahead.href = `/search?${new URLSearchParams({ q: text })}`;
    for (const end of ["load", "error"]) ahead.addEventListener(end, () => (ahead.dataset.ended = end));
    document.head.append(ahead);
  });

  actions.answer_review = ({ review, text }) => {
    const request = JSON.stringify([[["PrAcTi", JSON.stringify([review, text]), null, "generic"]]]);
    const source = encodeURIComponent(location.pathname);
    const path = "/local/business/_/GeoMerchantFrontendEmbeddedUi/data/batchexecute";
    return send("Reply", `${path}?rpcids=PrAcTi&source-path=${source}&hl=en&rt=c`, form({ "f.req": request, at: "practice" }));
  };
})();

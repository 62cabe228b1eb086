// The practice Bing: suggestions come as HTML.
"use strict";

practice.searchBox(async (text) => {
  const query = new URLSearchParams({ pt: "page.home", mkt: "en-ca", qry: text, cp: String(text.length), cvid: "0".repeat(32) });
  const answer = await practice.send(null, `/AS/Suggestions?${query}`);
  const parsed = new DOMParser().parseFromString(answer ?? "", "text/html");
  return [...parsed.querySelectorAll("[query]")].map((one) => one.getAttribute("query"));
});

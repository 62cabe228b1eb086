// The page: what was checked, and what came of it.

const PAGE = 200;
let language = (navigator.language || "en").toLowerCase().startsWith("fr") ? "fr" : "en";
let result = null, failed = null, data = null, shown = PAGE;
const at = (id) => document.getElementById(id);
const say = (name, values = {}) => TEXTS[language][name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
const spaced = (at) => String(at).replace("T", " ").slice(0, 19);
const moment = (seconds) => spaced(new Date(seconds * 1000).toISOString());

// How long, in words: the numbers of a finding as a person reads them.
function span(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return say("minutes", { count: minutes });
  const hours = (minutes / 60).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return say("hours", { count: hours });
}
const worded = (one) => say(one.code, { ...one, every: span(one.every), span: span(one.seconds) });

function element(tag, text, classes) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (classes) made.className = classes;
  return made;
}

function show() {
  document.documentElement.lang = language;
  document.title = `${say("title")} – guardrail`;
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  for (const place of document.querySelectorAll("[data-text]")) place.textContent = say(place.dataset.text);
  const wrong = failed !== null ? [{ code: failed }] : (result?.found ?? []);
  const verdict = result === null && failed === null ? "waiting" : wrong.length ? "bad" : "good";
  const words = failed === "browser" ? "browser" : verdict;
  at("says").replaceChildren(element("p", say(words, { count: result?.entries.length }), `says ${verdict}`));
  at("findings").hidden = wrong.length === 0 || failed === "browser";
  at("findings").replaceChildren(...wrong.slice(0, PAGE).map((one) => element("li", worded(one))));
  if (result !== null) showRecord();
}

function showRecord() {
  for (const section of document.querySelectorAll("section")) section.hidden = false;
  const read = result.entries.filter((entry) => entry?.at);
  const facts = [
    [say("ledger"), result.origin], [say("entries"), result.entries.length], [say("states"), result.states],
    [say("root"), result.root],
  ];
  if (read.length) facts.push([say("period"), `${spaced(read[0].at)}, ${spaced(read[read.length - 1].at)}`]);
  for (const [name, { size, at }] of result.witnessed) {
    facts.push([say("witness", { name }), say("witnessed", { size, at: moment(at) })]);
  }
  if (result.witnessed.size === 0) facts.push([say("witnesses"), say("nowitness")]);
  facts.push([say("beats"), say(result.beats.missing ? "missed" : result.beats.hidden ? "unbeaten" : "beating", result.beats)]);
  facts.push([say("texts"), say("untold", result.texts)]);
  at("facts").replaceChildren(...facts.flatMap(([name, value]) => [element("dt", name), element("dd", String(value))]));
  at("vkeys").replaceChildren(...[...data.keys, ...data.witnesses].map((key) => {
    const item = element("li");
    item.append(element("code", key));
    return item;
  }));
  at("columns").replaceChildren(...TEXTS[language].columns.map((name) => {
    const cell = element("th", name);
    cell.scope = "col";
    return cell;
  }));
  const bad = new Set(result.found.map((one) => one.entry));
  at("rows").replaceChildren(...result.entries.slice(0, shown).map((entry, number) => {
    const row = element("tr", undefined, bad.has(number) ? "bad" : "");
    const action = [entry?.site, entry?.action].filter(Boolean).join(" ");
    const cells = entry === null ? ["", say("hidden")] : [spaced(entry.at ?? ""), entry.kind, entry.clinician, action, entry.client_ref, entry.rule];
    for (const cell of [number, ...cells, ...Array(6 - cells.length).fill("")]) row.append(element("td", String(cell ?? "")));
    return row;
  }));
  at("more").hidden = shown >= result.entries.length;
}

async function start() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => { language = button.dataset.language; show(); });
  }
  at("more").addEventListener("click", () => { shown += PAGE; show(); });
  show();
  try {
    data = JSON.parse(at("data").textContent);
    result = await check(data);
  } catch (error) {
    failed = error.name === "NotSupportedError" || !globalThis.crypto?.subtle ? "browser" : "data";
  }
  show();
}

start();

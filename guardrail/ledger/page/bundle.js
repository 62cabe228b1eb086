"use strict";
// Checks a ledger without a network: the hash of each entry, the tree over all, and who signed which state of it.

const TEXTS = {
  en: {
    title: "Record of a ledger",
    waiting: "Checking …",
    good: "Everything in this file is whole: {count} entries, each in its place, signed by the key below.",
    bad: "This file is NOT whole. Do not rely on it.",
    data: "The record in this file cannot be read: it was changed.",
    browser: "This browser cannot check it: open the file in a newer one (Chrome or Edge 137, Firefox 129, Safari 17).",
    changed: "Entry {entry} was changed: its text does not fit its hash.",
    unread: "Entry {entry} cannot be read: it was changed.",
    other: "The signed state of {size} entries is of another ledger: an entry from {from} to {to} was changed, moved, added or dropped.",
    unsigned: "The state of {size} entries bears no good signature of the ledger's key.",
    note: "The signed state number {number} cannot be read: it was changed.",
    order: "The signed state of {size} entries stands in the wrong place: it was changed.",
    dropped: "The ledger's last state counts {size} entries, there are {count}: entries were dropped or added.",
    nohead: "No signed state is in this file.",
    cosigned: "What the witness {name} signed of {size} entries is not good: it was changed.",
    stranger: "A signature on the state of {size} entries is of nobody whose key is in this file: {name}.",
    key: "A key in this file was changed: its id does not fit it.",
    about: "What was checked",
    ledger: "Ledger", entries: "Entries", root: "Root of the tree", states: "Signed states", period: "From, to (UTC)",
    witness: "Witness {name}", witnessed: "{size} entries, at {at} UTC", nowitness: "none in this file",
    witnesses: "Witnesses",
    keys: "Whose keys",
    compare: "A file can bring a key of its own. Compare these with the ones that you have from the clinic and from the witness, letter by letter.",
    closed: "What was typed is closed, and not in this file. Entries that do not concern you stand here as a hash alone.",
    hidden: "not shown",
    more: "Show more",
    columns: ["No", "Time (UTC)", "What", "Clinician", "Action", "Client", "Rule"],
  },
  fr: {
    title: "Extrait d’un registre",
    waiting: "Vérification …",
    good: "Tout est intact dans ce fichier : {count} inscriptions, chacune à sa place, signées par la clé ci-dessous.",
    bad: "Ce fichier N’EST PAS intact. Ne vous y fiez pas.",
    data: "Le contenu de ce fichier est illisible : il a été modifié.",
    browser: "Ce navigateur ne peut pas vérifier : ouvrez le fichier dans un plus récent (Chrome ou Edge 137, Firefox 129, Safari 17).",
    changed: "L’inscription {entry} a été modifiée : son texte ne correspond pas à son empreinte.",
    unread: "L’inscription {entry} est illisible : elle a été modifiée.",
    other: "L’état signé de {size} inscriptions est celui d’un autre registre : une inscription de {from} à {to} a été modifiée, déplacée, ajoutée ou retirée.",
    unsigned: "L’état de {size} inscriptions ne porte aucune signature valable de la clé du registre.",
    note: "L’état signé numéro {number} est illisible : il a été modifié.",
    order: "L’état signé de {size} inscriptions n’est pas à sa place : il a été modifié.",
    dropped: "Le dernier état du registre compte {size} inscriptions, il y en a {count} : des inscriptions ont été retirées ou ajoutées.",
    nohead: "Ce fichier ne contient aucun état signé.",
    cosigned: "La signature du témoin {name} sur {size} inscriptions n’est pas valable : elle a été modifiée.",
    stranger: "Une signature sur l’état de {size} inscriptions est d’une personne dont la clé n’est pas dans ce fichier : {name}.",
    key: "Une clé de ce fichier a été modifiée : son numéro ne lui correspond pas.",
    about: "Ce qui a été vérifié",
    ledger: "Registre", entries: "Inscriptions", root: "Racine de l’arbre", states: "États signés", period: "De, à (UTC)",
    witness: "Témoin {name}", witnessed: "{size} inscriptions, le {at} UTC", nowitness: "aucun dans ce fichier",
    witnesses: "Témoins",
    keys: "Les clés",
    compare: "Un fichier peut apporter sa propre clé. Comparez celles-ci, lettre par lettre, avec celles que vous tenez de la clinique et du témoin.",
    closed: "Ce qui a été saisi est scellé et ne figure pas dans ce fichier. Les inscriptions qui ne vous concernent pas y figurent par leur seule empreinte.",
    hidden: "non montrée",
    more: "En montrer plus",
    columns: ["No", "Heure (UTC)", "Quoi", "Clinicien", "Action", "Client", "Règle"],
  },
};
const ED25519 = 1, COSIGNATURE = 4, PAGE = 200;
const utf8 = new TextEncoder();

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(parts)));
const leafHash = (body) => sha256(Uint8Array.of(0), utf8.encode(body));
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
}

function bytesOf(text, length) {
  const raw = atob(text);
  if (btoa(raw) !== text || (length !== undefined && raw.length !== length)) throw new Error("base64");
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

async function readKey(text) {
  const [, name, id, key] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text);
  const raw = bytesOf(key, 33);
  if (hex((await sha256(utf8.encode(`${name}\n`), raw)).slice(0, 4)) !== id) throw new Error("id");
  if (raw[0] !== ED25519 && raw[0] !== COSIGNATURE) throw new Error("algorithm");
  const used = await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]);
  return { name, id, algorithm: raw[0], used };
}

function readNote(text) {
  const [, above, below] = /^([^]*\n)\n((?:— \S+ \S+\n)+)$/.exec(text);
  const [, origin, size, root] = /^([^\n]+)\n(0|[1-9][0-9]*)\n(\S+)\n$/.exec(above);
  const signatures = below.trimEnd().split("\n").map((line) => {
    const [, name, signature] = line.split(" ");
    const raw = bytesOf(signature);
    return { name, id: hex(raw.slice(0, 4)), raw: raw.slice(4) };
  });
  return { text: above, origin, size: Number(size), root: bytesOf(root, 32), signatures };
}

// Gives the time at which a witness says that it signed (0 for a ledger's own key), or null where it is not good.
async function signedAt(key, note, raw) {
  let at = 0, signed = utf8.encode(note.text);
  if (key.algorithm === COSIGNATURE) {
    if (raw.length !== 72) return null;
    at = Number(new DataView(raw.buffer, raw.byteOffset).getBigUint64(0));
    if (at > 253402300799) return null; // beyond the year 9999
    signed = utf8.encode(`cosignature/v1\ntime ${at}\n${note.text}`);
    raw = raw.slice(8);
  }
  return (await crypto.subtle.verify({ name: "Ed25519" }, key.used, raw, signed)) ? at : null;
}

// The root over all leaves so far, from the roots of its complete subtrees.
async function rootOf(peaks) {
  if (peaks.length === 0) return sha256();
  let above = peaks[peaks.length - 1];
  for (const peak of peaks.slice(0, -1).reverse()) above = await nodeHash(peak, above);
  return above;
}

// Checks everything in the record; gives what is wrong, with the entries as far as they can be read.
async function check(data) {
  const found = [], entries = [], witnessed = new Map();
  const result = { found, entries, witnessed, origin: "", root: "", states: 0 };
  const keys = [];
  for (const text of [...data.keys, ...data.witnesses]) {
    try { keys.push(await readKey(text)); } catch (error) {
      if (error.name === "NotSupportedError") throw error;
      found.push({ code: "key" });
    }
  }
  const states = [];
  for (const [number, text] of data.states.entries()) {
    try { states.push(readNote(text)); } catch { found.push({ code: "note", number }); }
  }
  if (states.length === 0) found.push({ code: "nohead" });
  let size = 0, sure = 0, peaks = [], next = 0;
  const confirm = async () => {
    for (; next < states.length && states[next].size <= size; next += 1) {
      const state = states[next];
      if (state.size < size) { found.push({ code: "order", size: state.size }); continue; }
      const root = await rootOf(peaks);
      await judge(state, keys, found, witnessed, states[0].origin);
      if (same(root, state.root)) sure = size;
      else found.push({ code: "other", size, from: sure, to: Math.max(size - 1, 0), entry: sure });
      result.root = hex(root);
    }
  };
  await confirm();
  for (const { leaf, body, ...rest } of data.entries) {
    let hash;
    try {
      hash = bytesOf(leaf, 32);
      if (Object.keys(rest).length) throw new Error("more");
      if (body === undefined) entries.push(null);
      else {
        if (!same(await leafHash(body), hash)) found.push({ code: "changed", entry: size });
        entries.push(JSON.parse(body));
      }
    } catch {
      found.push({ code: "unread", entry: size });
      entries.push({});
      hash ??= new Uint8Array(32);
    }
    let merged = hash;
    for (let whole = size; whole % 2 === 1; whole = Math.floor(whole / 2)) merged = await nodeHash(peaks.pop(), merged);
    peaks.push(merged);
    size += 1;
    await confirm();
  }
  const last = states.length ? states[states.length - 1].size : 0;
  if (states.length && last !== size) found.push({ code: "dropped", size: last, count: size });
  return Object.assign(result, { origin: states[0]?.origin ?? "", states: states.length });
}

async function judge(state, keys, found, witnessed, origin) {
  let own = false;
  for (const { name, id, raw } of state.signatures) {
    const key = keys.find((one) => one.name === name && one.id === id);
    if (key === undefined) { found.push({ code: "stranger", size: state.size, name }); continue; }
    const at = await signedAt(key, state, raw);
    if (key.algorithm === ED25519) own ||= at !== null;
    else if (at === null) found.push({ code: "cosigned", size: state.size, name });
    else witnessed.set(name, { size: state.size, at });
  }
  if (!own || state.origin !== origin) found.push({ code: "unsigned", size: state.size });
}

// ---- The page

let language = (navigator.language || "en").toLowerCase().startsWith("fr") ? "fr" : "en";
let result = null, failed = null, data = null, shown = PAGE;
const at = (id) => document.getElementById(id);
const say = (name, values = {}) => TEXTS[language][name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
const spaced = (at) => String(at).replace("T", " ").slice(0, 19);
const moment = (seconds) => spaced(new Date(seconds * 1000).toISOString());

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
  at("findings").replaceChildren(...wrong.slice(0, PAGE).map((one) => element("li", say(one.code, one))));
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

// Checks a ledger without a network: the hash of each entry, the tree over all, who signed which state of it, and its pulse.

const ED25519 = 1, COSIGNATURE = 4;
// As the ledger's own check has it: what begins, ends and beats; what only a running house writes; and how late is late.
const ENDS = new Set(["started", "stopped", "heartbeat"]);
const TRAFFIC = new Set([
  "noted", "hold_opened", "backed_out", "justified", "attested", "consent_used", "acknowledged", "grant_used",
]);
const GRACE_SECONDS = 60;
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
  const found = [], entries = [], witnessed = new Map(), signed = new Set();
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
      await judge(state, keys, found, witnessed, states[0].origin, signed);
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
        entries.push(JSON.parse(body) ?? {}); // null is what is not shown
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
  const hidden = entries.filter((entry) => entry === null).length;
  const before = found.length, counted = beats(entries, found);
  result.beats = { count: counted, missing: found.length - before, hidden };
  result.texts = closedTexts(entries, found);
  cosignatures(entries, states, signed, found);
  return Object.assign(result, { origin: states[0]?.origin ?? "", states: states.length });
}

const count = (value) => (Number.isInteger(value) ? value : 0);
const seconds = (at) => Date.parse(`${String(at).slice(0, 23)}Z`) / 1000;

// Finds where a promised heartbeat is missing, for each workstation by itself; gives how many there are.
// Behind an entry that is not shown a workstation may have stopped: it is waited for from its next sign of life on.
function beats(entries, found) {
  const runs = new Map(), seen = new Map();
  let beaten = 0;
  const lags = (run) => run.overdue !== null && run.latest - run.overdue.at > GRACE_SECONDS;
  const lagging = (run, workstation) => {
    if (lags(run)) found.push({ code: "lagging", entry: run.overdue.entry, workstation, every: run.seconds });
    return lags(run);
  };
  const missing = (run, entry, at, number) => {
    const { workstation, kind, details } = entry;
    if (kind === "started") return lagging(run, workstation); // it broke off: how long it was away is no gap
    const awake = at - run.beat - count(details.jump_seconds) - count(details.refused_seconds);
    if (awake <= run.seconds + GRACE_SECONDS) return false;
    found.push({ code: "silent", entry: run.overdue?.entry ?? number, workstation, seconds: awake, every: run.seconds });
    return true;
  };
  const back = (run, { workstation, kind, details }, at, number) => {
    const latest = run && (kind === "started" ? Math.max(run.beat, run.latest) : run.beat);
    const before = latest ?? seen.get(workstation), gone = count(details.jump_seconds) - (at - before);
    if (before !== undefined && gone > GRACE_SECONDS) found.push({ code: "back", entry: number, workstation, seconds: gone });
  };
  for (const [number, entry] of entries.entries()) {
    if (entry === null) { runs.clear(); seen.clear(); }
    if (!entry?.details) continue;
    const { workstation, kind, details } = entry, at = seconds(entry.at), run = runs.get(workstation);
    if (ENDS.has(kind)) {
      if (!(run && missing(run, entry, at, number))) back(run, entry, at, number);
      seen.set(workstation, at);
      beaten += kind === "heartbeat";
      const promised = kind === "stopped" ? 0 : count(details.heartbeat_seconds);
      if (promised > 0) runs.set(workstation, { beat: at, latest: at, seconds: promised, overdue: null });
      else runs.delete(workstation);
    } else if (run && TRAFFIC.has(kind)) {
      run.latest = at;
      if (run.overdue === null && at - run.beat > run.seconds + GRACE_SECONDS) run.overdue = { entry: number, at };
      if (lagging(run, workstation)) Object.assign(run, { beat: at, overdue: null });
    }
  }
  for (const [workstation, run] of runs) lagging(run, workstation);
  return beaten;
}

// Finds witnesses' signatures that an entry says were there; of states older than those in the file nothing is known.
function cosignatures(entries, states, signed, found) {
  const told = new Set();
  for (const [number, entry] of entries.entries()) {
    for (const { witness, size } of Array.isArray(entry?.details?.cosigned) ? entry.details.cosigned : []) {
      const one = `${witness} ${size}`;
      if (told.has(one) || size < states[0]?.size) continue;
      told.add(one);
      if (!signed.has(one)) found.push({ code: "uncosigned", entry: number, name: witness, size });
    }
  }
}

// Follows the hashes of closed texts as entries tell of them: sealed, sealed anew, destroyed. The texts are not here.
function closedTexts(entries, found) {
  const now = new Map();
  let told = 0, destroyed = 0, partial = false;
  for (const [number, entry] of entries.entries()) {
    if (entry === null) { partial = true; now.clear(); } // it may be the one that sealed them anew
    const details = entry?.details;
    if (details?.sealed !== undefined) {
      told += 1;
      if (/^[0-9a-f]{64}$/.test(details.sealed?.sha256)) now.set(number, details.sealed.sha256);
      else found.push({ code: "commit", entry: number });
    }
    try {
      if (entry?.kind === "resealed") for (const [index, old, anew] of details.texts) {
        if (now.has(index) ? now.get(index) !== old : !partial) found.push({ code: "resealed", entry: number, index });
        else now.set(index, anew);
      }
      if (entry?.kind === "destroyed") for (const index of details.indexes) {
        destroyed += 1;
        if (!now.delete(index) && !partial) found.push({ code: "destroyed", entry: number, index });
      }
    } catch { found.push({ code: "unread", entry: number }); }
  }
  return { count: told, destroyed };
}

async function judge(state, keys, found, witnessed, origin, signed) {
  let own = false;
  for (const { name, id, raw } of state.signatures) {
    const key = keys.find((one) => one.name === name && one.id === id);
    if (key === undefined) { found.push({ code: "stranger", size: state.size, name }); continue; }
    const at = await signedAt(key, state, raw);
    if (key.algorithm === ED25519) own ||= at !== null;
    else if (at === null) found.push({ code: "cosigned", size: state.size, name });
    else { witnessed.set(name, { size: state.size, at }); signed.add(`${name} ${state.size}`); }
  }
  if (!own || state.origin !== origin) found.push({ code: "unsigned", size: state.size });
}

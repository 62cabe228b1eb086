// Put by the proxy into pages of watched hosts. Shows guardrail's own page over the site's when something in it
// was held. Made to run under a nonce + strict-dynamic + Trusted Types policy: elements are created, never parsed.
// Nothing that a clinician types is ever in this page: all forms stand in a frame of guardrail's own origin. The
// site can see that a hold came up, and its id, which opens nothing: a form takes our own token.
"use strict";
(() => {
  const HOME = "https://guardrail.internal";
  const LEAST = 160; // pixels of a dialog whose page says that it is short
  const PATIENCE = 1500; // milliseconds until a frame that does not answer Esc is closed all the same
  const FAREWELL = 250; // milliseconds between a dialog's closing and its removal
  const once = Symbol.for("guardrail.overlay");
  if (window.top !== window || location.protocol !== "https:" || window[once]) return;
  Object.defineProperty(window, once, { value: true });

  const french = navigator.language.toLowerCase().startsWith("fr");
  const title = french ? "guardrail : la politique de la clinique" : "guardrail: the clinic’s policy";

  const style = (element, rules) => {
    for (const [name, value] of Object.entries(rules)) element.style.setProperty(name, value, "important");
  };
  const makeFrame = (path) => {
    const frame = document.createElement("iframe");
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.src = HOME + path;
    return frame;
  };

  const host = document.createElement("div");
  style(host, { all: "initial", position: "fixed", width: "0", height: "0", "z-index": "2147483647" });
  const root = host.attachShadow({ mode: "closed" });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("dialog::backdrop{background:rgb(14 28 30/.72);backdrop-filter:blur(6px)}");
    root.adoptedStyleSheets = [sheet];
  } catch {
    // An old browser shows its own backdrop.
  }

  const channel = makeFrame(`/channel?origin=${encodeURIComponent(location.origin)}`);
  channel.tabIndex = -1;
  channel.setAttribute("aria-hidden", "true");
  style(channel, { position: "fixed", width: "0", height: "0", border: "0", visibility: "hidden" });
  root.append(channel);

  let open = null; // { dialog, frame, before }

  const close = () => {
    if (open === null) return;
    const { dialog, before } = open;
    open = null;
    // Out of sight and out of the way at once, drawn and gone a moment later: the frame is still busy with the very key
    // or click that closed it, would hang on it undrawn, and may take the focus once more, after which nothing has it.
    style(dialog, { display: "block", opacity: "0", "pointer-events": "none" });
    dialog.setAttribute("aria-hidden", "true");
    dialog.close();
    const giveBack = () => before instanceof HTMLElement && before.isConnected && before.focus({ preventScroll: true });
    giveBack();
    setTimeout(() => {
      dialog.remove();
      if ([before, document.body, null].includes(document.activeElement)) giveBack();
    }, FAREWELL);
    channel.contentWindow?.postMessage({ guardrail: "closed" }, HOME);
  };

  // As high as a short page wants, within bounds; else, and on any other word, all the room that there is.
  const resize = (dialog, height) => {
    const room = innerWidth > 800 ? "min(60rem, 100dvh - 3rem)" : "100dvh";
    style(dialog, { height: Number.isFinite(height) ? `min(${Math.max(LEAST, height)}px, ${room})` : room });
  };

  const show = (hold) => {
    if (open !== null) return;
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", title);
    style(dialog, {
      position: "fixed", inset: "0", margin: "auto", padding: "0", border: "0", overflow: "hidden",
      width: "min(48rem, 100vw)", "max-width": "100vw", "max-height": "100dvh",
      background: "Canvas", "color-scheme": "light dark", "border-radius": innerWidth > 800 ? "16px" : "0",
    });
    resize(dialog, null);
    const frame = makeFrame(`/overlay/${encodeURIComponent(hold)}`);
    frame.title = title;
    style(frame, { display: "block", width: "100%", height: "100%", border: "0", "color-scheme": "light dark" });
    frame.addEventListener("load", () => frame.focus());
    // Esc while the focus is still out here: the frame goes back, and says when that is done.
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      frame.contentWindow?.postMessage({ guardrail: "back" }, HOME);
      setTimeout(() => open?.dialog === dialog && close(), PATIENCE);
    });
    dialog.append(frame);
    open = { dialog, frame, before: document.activeElement };
    keep();
    root.append(dialog);
    dialog.showModal();
    frame.focus();
  };

  window.addEventListener("message", (event) => {
    if (event.origin !== HOME || !event.data) return;
    if (event.source === channel.contentWindow && event.data.guardrail === "hold") show(String(event.data.hold));
    if (open === null || event.source !== open.frame.contentWindow) return;
    if (event.data.guardrail === "close") close();
    if (event.data.guardrail === "size") resize(open.dialog, event.data.height);
  });

  // Beside <body>, so that a site which replaces its body keeps us; and back again where it replaces all.
  const keep = () => {
    if (!host.isConnected && document.documentElement) document.documentElement.append(host);
    if (open !== null && open.dialog.isConnected && !open.dialog.matches(":modal")) {
      open.dialog.close();
      open.dialog.showModal();
    }
  };
  keep();
  const watched = { childList: true };
  const observer = new MutationObserver(() => {
    if (document.documentElement) observer.observe(document.documentElement, watched);
    keep();
  });
  observer.observe(document, watched);
  if (document.documentElement) observer.observe(document.documentElement, watched);
})();

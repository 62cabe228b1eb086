// The hidden frame: listens to guardrail, and offers one hold at a time to the page around it, when that is seen.
"use strict";
(() => {
  const { origin, host } = document.body.dataset;
  const waiting = new Set();
  let shown = null;

  const offer = () => {
    if (shown !== null || document.visibilityState !== "visible" || waiting.size === 0) return;
    [shown] = waiting;
    waiting.delete(shown);
    window.parent.postMessage({ guardrail: "hold", hold: shown }, origin);
  };

  const events = new EventSource(`/events?host=${encodeURIComponent(host)}`);
  events.addEventListener("hold", (event) => {
    const told = JSON.parse(event.data);
    if (told.open && told.hold !== shown) waiting.add(told.hold);
    if (!told.open) waiting.delete(told.hold);
    offer();
  });
  document.addEventListener("visibilitychange", offer);
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== origin) return;
    if (event.data && event.data.guardrail === "closed") {
      shown = null;
      offer();
    }
  });
  window.addEventListener("pagehide", () => events.close());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
})();

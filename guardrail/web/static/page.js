// What a script adds to a page that works without one: Esc, the first focus in a frame, countdowns, closing.
"use strict";
(() => {
  const body = document.body;
  const parentOrigin = body.dataset.parent || "*"; // a page about nobody does not know who frames it
  const framed = window.parent !== window;
  const back = document.getElementById("back");

  const tellParent = (what) => {
    if (framed) window.parent.postMessage({ guardrail: what }, parentOrigin);
  };

  const leave = () => {
    if (back) back.form.requestSubmit(back);
    else tellParent("close");
  };

  // Alt C opens the crisis form at its first question, crisis lines in view. (`accesskey` does half of it without us.)
  const crisis = document.querySelector("details.crisis");
  document.addEventListener("keydown", (event) => {
    if (!crisis || event.code !== "KeyC" || !event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    crisis.open = true;
    crisis.scrollIntoView({ block: "start" });
    crisis.querySelector("input[type=radio]").focus({ preventScroll: true });
  });

  // Esc goes back. Out of a field that holds words it first leaves the field, so that nothing typed is lost by a slip.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    const field = event.target;
    const typing = field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && field.type === "text");
    event.preventDefault();
    if (typing && field.value.trim() !== "" && back) back.focus();
    else leave();
  });

  window.addEventListener("message", (event) => {
    if (!framed || event.source !== window.parent || ![event.origin, "*"].includes(parentOrigin)) return;
    if (event.data && event.data.guardrail === "back") leave();
  });

  for (const button of document.querySelectorAll("[data-close]")) {
    button.hidden = false;
    button.addEventListener("click", () => tellParent("close"));
  }
  if (framed && "closeNow" in body.dataset) tellParent("close");

  // Browsers ignore autofocus in a frame of another origin.
  const first = document.querySelector("[autofocus]");
  if (framed && first) first.focus();

  const countdowns = [...document.querySelectorAll("[data-until]")];
  const count = () => {
    for (const place of countdowns) {
      const left = Math.max(0, Math.ceil((Date.parse(place.dataset.until) - Date.now()) / 1000));
      const minutes = Math.floor(left / 60);
      place.textContent = minutes >= 60
        ? `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`
        : `${minutes} min ${String(left % 60).padStart(2, "0")} s`;
      place.hidden = false;
    }
  };
  if (countdowns.length > 0) {
    count();
    setInterval(count, 1000);
  }
})();

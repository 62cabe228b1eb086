// What a script adds to a page that works without one: Esc, the first focus, countdowns, closing, the overlay's height.
"use strict";
(() => {
  const body = document.body;
  const parentOrigin = body.dataset.parent || "*"; // a page about nobody does not know who frames it
  const framed = window.parent !== window;
  const back = document.getElementById("back");

  const tellParent = (what, more = {}) => {
    if (framed) window.parent.postMessage({ guardrail: what, ...more }, parentOrigin);
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

  // Browsers ignore autofocus in a frame of another origin; elsewhere they would scroll the question itself away.
  const first = document.querySelector("[autofocus]");
  if (first) first.focus({ preventScroll: true });
  if (first && first.matches(".summary")) first.scrollIntoView({ block: "start" });

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

  // The dialog around a short page may be low. A page with a form takes all the room and never says its height: that
  // would tell the site what is being answered.
  const measure = () => tellParent("size", { height: "short" in body.dataset ? Math.ceil(body.getBoundingClientRect().height) : null });
  measure();
  window.addEventListener("resize", measure);
})();

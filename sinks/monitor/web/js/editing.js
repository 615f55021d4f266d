// Editors of rules and automations: where the cursor goes when a part comes or goes, and variables of a message.
(() => {
  "use strict";

  const place = document.getElementById("form-place");
  if (!place) return;

  // The server says what its answer is about: a place, or the first field in what has come.
  function focus() {
    const asked = place.querySelector("form")?.dataset.focus;
    const target = asked && document.getElementById(asked);
    if (!target) return;
    const fields = "input:not([type=hidden]), select, textarea";
    const itself = target.matches(`${fields}, [tabindex]`);
    const field = itself ? target : (target.querySelector(fields) ?? target.querySelector("button"));
    field?.focus();
  }

  new MutationObserver(focus).observe(place, { childList: true });

  // A variable is written where the cursor was in the message.
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const field = document.getElementById(button.dataset.into);
    field.setRangeText(`{{${button.dataset.insert}}}`, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    button.closest("details").open = false;
  });

  // What was typed and not saved is not lost by a slip.
  let changed = false;
  let leaving = false;
  place.addEventListener("input", () => { changed = true; });
  new MutationObserver(() => { changed = true; }).observe(place, { childList: true });
  document.addEventListener("submit", (event) => {
    // A change of language or theme is a slip like any other.
    if (!event.target.closest(".panel")) leaving = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !leaving) event.preventDefault();
  });
})();

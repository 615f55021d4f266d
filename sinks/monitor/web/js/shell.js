// The frame's behaviour: menu, popovers, dialogs, confirmation, toasts, the token of htmx requests.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-toggles], [data-opens], [data-closes], [data-confirm]");
    if (!target) return;
    const { toggles, opens, closes, confirm } = target.dataset;
    if (toggles) {
      const open = byId(toggles).classList.toggle("open");
      target.setAttribute("aria-expanded", String(open));
    }
    if (opens) byId(opens).showModal();
    if (closes) byId(closes).close();
    if (confirm && !target.dataset.confirmed) {
      event.preventDefault();
      ask(target, confirm);
    }
  });

  function ask(button, question) {
    const dialog = byId("confirm");
    dialog.querySelector("p").textContent = question;
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      button.dataset.confirmed = "yes";
      button.click();
      delete button.dataset.confirmed;
    };
    dialog.returnValue = "";
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    for (const popover of document.querySelectorAll("details[data-popover][open]")) {
      if (!popover.contains(event.target)) popover.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const popover of document.querySelectorAll("details[data-popover][open]")) {
      popover.open = false;
      popover.querySelector("summary").focus();
    }
  });

  document.addEventListener("change", (event) => {
    const period = event.target.closest("[data-period] select[name=period]");
    if (!period) return;
    const days = period.form.querySelector(".period-days");
    const custom = period.value === "custom";
    days.hidden = !custom;
    for (const input of days.querySelectorAll("input")) input.disabled = !custom;
  });

  const TOAST_MS = 6000;
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.dataset) setTimeout(() => node.remove(), TOAST_MS);
      }
    }
  }).observe(byId("toasts"), { childList: true });

  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    request.headers["X-CSRF-Token"] = document.body.dataset.csrf;
  });
})();

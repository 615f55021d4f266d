// Pages of figures: figures that move as events arrive, the badge, reports with their count, filters, CSV and PNG.
(() => {
  "use strict";

  const FRESH_MS = 10_000;
  const AGAIN_MS = 250;
  const MOVED_MS = 1_600;
  const language = document.documentElement.lang;
  const place = document.querySelector("[data-badge]");
  const texts = document.getElementById("texts").dataset;

  // The badge, and the stream behind it.
  let lost = false;

  async function renewBadge() {
    if (lost || document.hidden) return;
    try {
      const answer = await fetch(place.dataset.badge);
      if (answer.redirected) return;
      if (answer.ok && !lost) place.innerHTML = await answer.text();
    } catch {
      showLost();
    }
  }

  function showLost() {
    lost = true;
    place.replaceChildren(document.getElementById("badge-lost").content.cloneNode(true));
  }

  function listen() {
    const stream = new EventSource(place.dataset.live);
    stream.addEventListener("open", () => {
      if (lost) {
        lost = false;
        catchUp();
      }
      renewBadge();
    });
    stream.addEventListener("moved", catchUp);
    stream.addEventListener("ended", () => location.reload());
    stream.addEventListener("error", () => {
      showLost();
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 5_000);
    });
  }

  // One read at a time; whatever moves meanwhile is one more read, after a rest as long as this one took.
  let reading = false;
  let behind = false;

  async function catchUp() {
    if (reading) {
      behind = true;
      return;
    }
    reading = true;
    const begun = performance.now();
    try {
      const address = location.href;
      const answer = await fetch(address);
      if (answer.ok && !answer.redirected && address === location.href) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of document.querySelectorAll("[data-page]")) take(part, page);
        notice(page);
      }
      renewBadge();
    } catch {
      // The stream says when the connection is back.
    } finally {
      setTimeout(() => {
        reading = false;
        if (behind) {
          behind = false;
          catchUp();
        }
      }, Math.max(AGAIN_MS, performance.now() - begun));
    }
  }

  function take(part, page) {
    const shape = (root) => root.dataset.shape;
    const other = [...page.querySelectorAll("[data-page]")].find((one) => shape(one) === shape(part));
    if (!other) {
      if (part.dataset.shape !== "sales") location.reload();
      return;
    }
    for (const element of part.querySelectorAll("[data-k]")) {
      const now = other.querySelector(`[data-k="${CSS.escape(element.dataset.k)}"]`);
      if (!now) continue;
      if (element.hasAttribute("width")) element.setAttribute("width", now.getAttribute("width"));
      else if (element.textContent !== now.textContent) {
        element.textContent = now.textContent;
        element.className = now.className;
        element.classList.add("moved");
        setTimeout(() => element.classList.remove("moved"), MOVED_MS);
      }
    }
    for (const data of part.querySelectorAll("script[type='application/json']")) {
      const now = page.getElementById(data.id);
      if (now && now.textContent !== data.textContent) {
        data.textContent = now.textContent;
        window.latidoDraw?.(data.id.replace(/-data$/, ""));
      }
    }
  }

  // A list would jump under the cursor: it says that there is news instead.
  function notice(page) {
    const list = document.querySelector("[data-watch]");
    const now = page.querySelector("[data-watch]");
    const button = document.querySelector("[data-refresh-place]");
    if (list && now && button && list.textContent !== now.textContent) button.hidden = false;
  }

  // Filters: a choice is sent at once; "all" is the absence of the parameter.
  function leaveOut(form) {
    for (const select of form.querySelectorAll("select")) {
      if (select.selectedOptions[0]?.hasAttribute("data-all")) select.disabled = true;
    }
  }

  document.addEventListener("submit", (event) => leaveOut(event.target));
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-autosubmit], [data-period]");
    if (!form) return;
    if (form.matches("[data-period]") && (event.target.name !== "period" || event.target.value === "custom")) return;
    form.requestSubmit();
  });
  window.addEventListener("pageshow", () => {
    for (const select of document.querySelectorAll("select:disabled")) select.disabled = false;
  });

  // Reports: the count that the server wrote is said with the file.
  function say(text, kind) {
    const toast = document.createElement("div");
    toast.className = `toast toast-${kind}`;
    toast.dataset.toast = "";
    toast.textContent = text;
    document.getElementById("toasts").append(toast);
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  document.addEventListener("click", async (event) => {
    const report = event.target.closest("a[data-report]");
    if (!report || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (report.ariaBusy === "true") return;
    report.ariaBusy = "true";
    say(texts.preparing, "info");
    try {
      const answer = await fetch(report.href);
      if (!answer.ok) throw new Error(String(answer.status));
      const count = Number(answer.headers.get("X-Latido-Contacts"));
      const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "latido.csv";
      save(await answer.blob(), name);
      say(`${texts.ready} ${new Intl.NumberFormat(document.documentElement.dataset.locale).format(count)}`, "good");
    } catch {
      say(texts.failed, "bad");
    } finally {
      report.ariaBusy = "false";
    }
  });

  // A part that did not come: what stands is left as it is, with word of it.
  for (const kind of ["htmx:error", "htmx:response:error"]) {
    document.addEventListener(kind, () => say(texts.unread, "bad"));
  }

  // A table of the page as CSV. Texts of contacts may look like formulas: an apostrophe disarms them, as in reports
  // (figures/export.py).
  const NUMBER = /^[+-][\d.,\u00a0\u202f %]*$/;
  const DANGEROUS = /(^|[,;|])([\s"'\u00a0\u3000\ufeff]*)([=+\-@\uff1d\uff0b\uff0d\uff20])/g;

  function cellText(cell) {
    const copy = cell.cloneNode(true);
    for (const unseen of copy.querySelectorAll(".unseen, svg")) unseen.remove();
    for (const item of copy.querySelectorAll(".item, br")) item.append(" ");
    const text = copy.textContent.replace(/\s+/g, " ").trim();
    return NUMBER.test(text) ? text : text.replace(DANGEROUS, "$1'$2$3");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-csv]");
    if (!button) return;
    const separator = language === "en" ? "," : ";";
    const rows = [...document.getElementById(button.dataset.csv).rows].map((row) =>
      [...row.cells]
        .filter((cell) => !cell.hasAttribute("data-skip"))
        .map((cell) => `"${cellText(cell).replaceAll('"', '""')}"`)
        .join(separator),
    );
    save(new Blob([`\ufeff${rows.join("\r\n")}\r\n`], { type: "text/csv" }), `${button.dataset.name}.csv`);
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-png]");
    if (!button) return;
    const picture = await window.latidoPicture(document.getElementById(button.dataset.png));
    save(picture, `${button.dataset.name}.png`);
  });

  listen();
  setInterval(renewBadge, FRESH_MS);
  document.addEventListener("visibilitychange", renewBadge);
})();

// What pages do beyond links and forms: keys, menus, dialogs, the folded side bar. No page depends on it to be read.
(() => {
  "use strict";
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

  // Menus are <details data-bh-menu>: one open at a time, closed by Esc or by a click elsewhere.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details[data-bh-menu][open]")) {
      if (menu !== except) menu.open = false;
    }
  };

  const unfold = (open) => {
    document.body.classList.toggle("bh-unfolded", open);
    for (const button of document.querySelectorAll("[data-bh-fold]")) button.setAttribute("aria-expanded", String(open));
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    closeMenus(target.closest("details[data-bh-menu]"));
    const opener = target.closest("[data-bh-open]");
    if (opener) document.getElementById(opener.dataset.bhOpen)?.showModal();
    if (target.closest("[data-bh-close]")) target.closest("dialog")?.close();
    if (target.closest("[data-bh-fold]")) {
      unfold(!document.body.classList.contains("bh-unfolded"));
      if (document.body.classList.contains("bh-unfolded")) document.querySelector(".bh-side a")?.focus();
    } else if (document.body.classList.contains("bh-unfolded") && !target.closest(".bh-side")) unfold(false);
    const repair = target.closest("[data-bh-fill]");
    if (repair) {
      const field = document.getElementById(repair.dataset.bhFill);
      field.value = repair.dataset.bhValue;
      field.removeAttribute("aria-invalid");
      field.focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const menu = document.querySelector("details[data-bh-menu][open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      if (document.body.classList.contains("bh-unfolded")) {
        unfold(false);
        document.querySelector("[data-bh-fold]")?.focus();
      }
    } else if (!typing(event.target) && event.key === "/") {
      const box = document.querySelector("[data-bh-search]");
      if (box) {
        event.preventDefault();
        box.focus();
      }
    } else if (!typing(event.target) && event.key === "?") {
      const keys = document.getElementById("bh-keys");
      if (keys && !keys.open) keys.showModal();
    } else if (event.key.startsWith("Arrow")) moveInHeatMap(event);
  });

  // Arrows move between the linked cells of a heat map.
  const moveInHeatMap = (event) => {
    const cell = event.target.closest(".bh-hm td, .bh-hm th");
    if (!cell) return;
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    const rows = [...cell.closest("table").rows];
    let row = rows.indexOf(cell.parentElement);
    let column = cell.cellIndex;
    for (;;) {
      row += step[0];
      column += step[1];
      const next = rows[row]?.cells[column];
      if (!next) return;
      const link = next.querySelector("a");
      if (link && next.closest("tbody")) {
        event.preventDefault();
        link.focus();
        return;
      }
    }
  };

  // A filter takes effect when it is changed; the button beside it is for those without script.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-bh-auto]");
    if (form) form.requestSubmit();
  });

  // Empty filters stay out of the address.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-bh-auto]")) return;
    for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form[data-bh-auto] :disabled")) field.disabled = false;
    for (const button of document.querySelectorAll("[data-bh-print]")) button.addEventListener("click", () => window.print());
  });

  // A dialog that came with an error inside stays open.
  document.addEventListener("DOMContentLoaded", () => {
    for (const dialog of document.querySelectorAll("dialog[data-bh-now]")) dialog.showModal();
    document.querySelector("[aria-invalid='true']")?.focus();
    // On a narrow page the chain strip scrolls: begin where this page stands.
    const station = document.querySelector(".bh-chain [aria-current]");
    if (station) station.parentElement.scrollLeft = station.offsetLeft - 40;
  });

  // After a swap one polite line says what changed: HX-Trigger: {"bh:say": "..."}.
  document.addEventListener("bh:say", (event) => {
    document.getElementById("bh-live").textContent = event.detail.value ?? "";
  });
  // A dialog in which an act went well closes itself: HX-Trigger: bh:close.
  document.addEventListener("bh:close", () => {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  });
})();

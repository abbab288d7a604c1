// What every page of staff does: one toast at a time, failures said aloud, the link's state, keyboard shortcuts.
// Shortcuts are written in the page: data-key="c" on a link, button or field. They rest while somebody types,
// and the box in the help dialog (data-shortcuts) switches them off.
(() => {
  "use strict";
  const TOAST = 5000;
  const by = (id) => document.getElementById(id);

  // ---------------------------------------------------------------- toasts and failures
  let fading;
  function toast(words) {
    clearTimeout(fading);
    const place = by("toasts");
    place.textContent = "";
    if (words) {
      const line = document.createElement("p");
      line.className = "toast";
      line.textContent = words;
      place.append(line);
    }
    fading = setTimeout(() => (place.textContent = ""), TOAST);
  }
  if (by("toasts").firstElementChild) fading = setTimeout(() => toast(""), TOAST);
  document.body.addEventListener("toast", (event) => toast(event.detail.value));

  document.querySelector("header nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  const fail = (words) => (by("failure").textContent = words);
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 401) fail(event.detail.xhr.responseText.trim().slice(0, 300));
  });
  document.body.addEventListener("htmx:beforeRequest", () => fail(""));
  by("failure").addEventListener("click", () => fail(""));

  // ---------------------------------------------------------------- the link to the server
  const offline = (is) => (by("offline").hidden = !is);
  document.body.addEventListener("htmx:sendError", () => offline(true));
  document.body.addEventListener("htmx:sseError", () => offline(true));
  document.body.addEventListener("htmx:sseOpen", () => offline(false));
  document.body.addEventListener("htmx:afterOnLoad", () => offline(false));
  document.body.addEventListener("htmx:sseBeforeMessage", (event) => {
    if (event.detail.type === "ended") location.reload();
  });

  // ---------------------------------------------------------------- dialogs: data-dialog="id" opens, without JavaScript the link leads on
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener && by(opener.dataset.dialog)) {
      event.preventDefault();
      by(opener.dataset.dialog).showModal();
    }
    const closer = event.target.closest("[data-close]");
    if (closer?.closest("dialog")) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
  });

  // ---------------------------------------------------------------- keyboard
  const OFF = "ventanilla-shortcuts-off";
  const remembered = () => {
    try {
      return localStorage.getItem(OFF) === "1";
    } catch {
      return false;
    }
  };
  const box = document.querySelector("[data-shortcuts]");
  if (box) {
    box.checked = !remembered();
    box.addEventListener("change", () => {
      try {
        localStorage.setItem(OFF, box.checked ? "0" : "1");
      } catch {
        /* this page only */
      }
    });
  }
  const isTyping = (element) => element.matches("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
  const isShown = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

  function step(by) {
    const rows = [...document.querySelectorAll("[data-row]")].filter(isShown);
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const from = at >= 0 ? at : rows.findIndex((row) => row.hasAttribute("aria-current"));
    rows[Math.min(Math.max(from + by, 0), rows.length - 1)].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.key === "Escape" && event.target.matches("textarea, input")) event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    if (remembered() || document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") {
      step(event.key === "j" ? 1 : -1);
      return event.preventDefault();
    }
    const wanted = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key && isShown(one));
    if (!wanted || wanted.disabled) return;
    event.preventDefault();
    isTyping(wanted) ? wanted.focus() : wanted.click();
  });
})();

// The page of one conversation: stay at the newest line, reply or note, focus back where one writes.
(() => {
  "use strict";
  const by = (id) => document.getElementById(id);
  const scroll = by("scroll");
  const wide = matchMedia("(min-width: 60rem)");
  const NEAR = 80;

  // On wide screens the transcript scrolls in its own frame, on phones the page does.
  const isNear = () => {
    if (wide.matches) return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
    return scroll.getBoundingClientRect().bottom < innerHeight + NEAR;
  };
  const toEnd = () => {
    if (wide.matches) scroll.scrollTop = scroll.scrollHeight;
    else scrollTo(0, scrollY + scroll.getBoundingClientRect().bottom + by("composer").offsetHeight - innerHeight);
    by("news").hidden = true;
  };
  // On a phone the button to take it over stands above: stay there until it is mine.
  if (!location.hash && (wide.matches || by("mode-now").value === "mine")) toEnd();

  let wasNear = true;
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.id === "transcript") wasNear = isNear();
    if (event.detail.target.id === "composer") keep();
  });
  document.body.addEventListener("htmx:oobAfterSwap", (event) => {
    const id = event.detail.target.id;
    if (id === "transcript") wasNear ? toEnd() : (by("news").hidden = false);
    if (id === "composer") putBack();
  });
  by("news").addEventListener("click", toEnd);
  scroll.addEventListener("scroll", () => isNear() && (by("news").hidden = true), { passive: true });

  // ---------------------------------------------------------------- erased: nothing of it stays here, nor comes back
  document.body.addEventListener("htmx:responseError", (event) => {
    const { xhr, pathInfo } = event.detail;
    const path = `${by("talk").dataset.path}/`;
    if ((xhr.status === 404 || xhr.status === 410) && pathInfo.requestPath.startsWith(path)) clear();
  });
  function clear() {
    for (const id of Object.keys(kept)) delete kept[id];
    const words = by("gone").content.cloneNode(true);
    for (const field of fields()) field.value = "";
    document.querySelector(".talk-main").replaceChildren(words);
    by("packet").replaceChildren();
    by("ask-close").remove();
    document.title = by("who").textContent;
    by("gone-words").focus();
  }

  // ---------------------------------------------------------------- what was being typed outlives a change of hands
  const kept = {};
  let focused;
  const fields = () => document.querySelectorAll("#composer textarea");
  function keep() {
    focused = document.activeElement.id;
    for (const field of fields()) {
      kept[field.id] = field.value;
      if (!field.value.trim()) continue;
      const values = { mode: field.id.slice("text-".length), text: field.value };
      const draft = field.form.getAttribute("hx-post").replace(/[^/]+$/, "draft");
      htmx.ajax("POST", draft, { values, swap: "none", source: document.body });
    }
  }
  function putBack() {
    const here = document.querySelector("#composer");
    htmx.process(here);
    choose(focused === "text-note" ? "note" : "reply");
    for (const field of fields()) if (kept[field.id]) field.value = kept[field.id];
    if (by(focused)?.closest("#composer")) by(focused).focus();
  }

  // ---------------------------------------------------------------- reply or note
  function choose(mode, focus = false) {
    const tabs = document.querySelectorAll("[data-mode]");
    if (!tabs.length) return;
    tabs[0].parentElement.hidden = false;
    for (const tab of tabs) {
      const on = tab.dataset.mode === mode;
      tab.setAttribute("aria-selected", on);
      by(`box-${tab.dataset.mode}`).hidden = !on;
      by(`box-${tab.dataset.mode}`).classList.add("has-modes");
    }
    if (focus) by(`text-${mode}`).focus();
  }
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-mode]");
    if (tab) choose(tab.dataset.mode, true);
  });
  choose(document.querySelector("#text-note[aria-invalid]") ? "note" : "reply");

  document.body.addEventListener("htmx:afterSwap", (event) => {
    // A form was answered with itself: go on writing, or mend what was refused.
    const form = event.detail.elt;
    if (form.classList?.contains("compose")) by(form.id)?.querySelector("textarea").focus();
  });
})();

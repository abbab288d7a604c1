// Leaving a changed answer asks first; sending it does not.
(() => {
  "use strict";
  const form = document.querySelector("[data-ask-before-leaving]");
  if (!form) return;
  let changed = form.hasAttribute("data-changed");
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
})();

// The link of an invitation carries its code behind the #: browsers send that part to nobody. Put it into the form,
// and out of the address, so that it stays neither in the history nor in a picture of the screen.
(() => {
  "use strict";
  const field = document.querySelector("[data-from-hash]");
  const code = decodeURIComponent(location.hash.slice(1)).slice(0, 30);
  if (!field || !code) return;
  field.value = code;
  history.replaceState(null, "", location.pathname);
  document.getElementById("password").focus();
})();

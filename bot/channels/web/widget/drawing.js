/* Small things to draw with: elements, icons, links. */
const SCRIPT = document.currentScript || document.querySelector('script[src*="widget.js"]');
export const HERE = new URL(SCRIPT ? SCRIPT.src : "", location.href);

export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== ""));
  return element;
}

export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(svg.namespaceURI, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
export const ICONS = {
  window: "M4 21V5l8-3 8 3v16M2 21h20M8 9h8v5H8zM8 18h8",
  talk: "M4 4h16v12H10l-5 4v-4H4z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4 12l16-8-5 16-4-6zM11 14l9-10",
  down: "M12 5v14M6 13l6 6 6-6",
};

export function safe(address) {
  try {
    const url = new URL(address, HERE);
    return /^(https?|mailto|tel):$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

// As bot/web/links.py.
const LINK = /\b(?:https?:\/\/(?=[^\s!-/:-@[-`{-~])|www\.(?=[\w-]+\.))[^\s<>"«»“”]+|\w[\w.+'-]{0,63}@[\w-]+(?:\.[\w-]+)+|(?:(?:\+34 ?)?[6-9](?: ?\d){8}|112|0(?:1[026]|24|6[0-2]|8[05]|9[12]))(?![\w€%]|[.,/:-]\d| ?[€%])/gi;
export function links(text, phones) {
  return [...text.matchAll(LINK)].flatMap(({ 0: found, index: at }) => {
    if (/^\+?[\d ]+$/.test(found)) return phones && !/[\w.,/+-]$|\d[: ]$/.test(text.slice(0, at).slice(-2)) ? [[at, found, "tel:" + found.replace(/ /g, "")]] : [];
    let open = 0;
    const cut = found.split("").findIndex((c) => (open += "([{".includes(c) - ")]}".includes(c)) < 0);
    const shown = found.slice(0, cut < 0 ? undefined : cut).replace(/[.,;:!?…'’([{]+$/, "");
    return [[at, shown, (/^http/i.test(shown) ? "" : /^www\./i.test(shown) ? "https://" : "mailto:") + shown]];
  });
}

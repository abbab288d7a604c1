/* <ventanilla-chat>: the web chat, as a page or as a widget in any page (docs/widget.md). What stands inside it is shown until
   the chat is ready. */
(() => {
  "use strict";
  if (customElements.get("ventanilla-chat")) return;

  const SCRIPT = document.currentScript || document.querySelector('script[src*="widget.js"]');
  const HERE = new URL(SCRIPT ? SCRIPT.src : "", location.href);
  const LIMIT = 4000; // as bot/text.py
  const COUNT_FROM = 3600;
  const SILENCE = 45_000; // the stream sends a heartbeat more often than this
  const POLL = 3_000;
  const PATIENCE = 20_000;
  const SEND_TRIES = 3;
  const ACCENT = "#1f5f8b";
  const ROOM = "(max-width: 520px), (max-height: 480px)"; // where the panel takes the whole screen

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const locked = (name, work) => (navigator.locks ? navigator.locks.request(name, work) : work());

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID(); // only in secure contexts
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    const x = Array.from(b, (n) => n.toString(16).padStart(2, "0")).join("");
    return [x.slice(0, 8), x.slice(8, 12), x.slice(12, 16), x.slice(16, 20), x.slice(20)].join("-");
  }

  // localStorage, or this page's memory where it is refused
  const shelf = (() => {
    try {
      localStorage.setItem("ventanilla", "1");
      localStorage.removeItem("ventanilla");
      return localStorage;
    } catch {
      const kept = new Map();
      return { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v), removeItem: (k) => kept.delete(k) };
    }
  })();
  const read = (key) => {
    try {
      return JSON.parse(shelf.getItem(key));
    } catch {
      return null;
    }
  };
  const write = (key, value) => {
    try {
      if (value == null) shelf.removeItem(key);
      else shelf.setItem(key, JSON.stringify(value));
    } catch {
      // full: it will not survive a reload
    }
  };

  function h(tag, given = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child != null && child !== ""));
    return element;
  }

  function icon(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(svg.namespaceURI, "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }
  const ICONS = {
    window: "M4 21V5l8-3 8 3v16M2 21h20M8 9h8v5H8zM8 18h8",
    talk: "M4 4h16v12H10l-5 4v-4H4z",
    more: "M5 12h.01M12 12h.01M19 12h.01",
    close: "M6 6l12 12M18 6L6 18",
    send: "M4 12l16-8-5 16-4-6zM11 14l9-10",
    down: "M12 5v14M6 13l6 6 6-6",
  };

  function safe(address) {
    try {
      const url = new URL(address, HERE);
      return /^(https?|mailto|tel):$/.test(url.protocol) ? url.href : null;
    } catch {
      return null;
    }
  }

  // As bot/web/links.py.
  const LINK = /\b(?:https?:\/\/(?=[^\s!-/:-@[-`{-~])|www\.(?=[\w-]+\.))[^\s<>"«»“”]+|\w[\w.+'-]{0,63}@[\w-]+(?:\.[\w-]+)+|(?:(?:\+34 ?)?[6-9](?: ?\d){8}|112|0(?:1[026]|24|6[0-2]|8[05]|9[12]))(?![\w€%]|[.,/:-]\d| ?[€%])/gi;
  function links(text, phones) {
    return [...text.matchAll(LINK)].flatMap(({ 0: found, index: at }) => {
      if (/^\+?[\d ]+$/.test(found)) return phones && !/[\w.,/+-]$|\d[: ]$/.test(text.slice(0, at).slice(-2)) ? [[at, found, "tel:" + found.replace(/ /g, "")]] : [];
      let open = 0;
      const cut = found.split("").findIndex((c) => (open += "([{".includes(c) - ")]}".includes(c)) < 0);
      const shown = found.slice(0, cut < 0 ? undefined : cut).replace(/[.,;:!?…'’([{]+$/, "");
      return [[at, shown, (/^http/i.test(shown) ? "" : /^www\./i.test(shown) ? "https://" : "mailto:") + shown]];
    });
  }

  class Problem extends Error {
    constructor(status, said = {}, wait = 0) {
      super(said.detail || "");
      Object.assign(this, { status, code: said.code, wait });
    }
    get gone() {
      return this.status === 401 || (this.status === 404 && this.code !== "button_unknown");
    }
    get passing() {
      return this.status === 0 || this.status >= 500;
    }
  }

  /* One conversation of this browser with one agency, shared by its tabs. `on` is told what happens:
     messages(list, live) · outbox() · state({state, position}) · typing({on, from}) · connected(yes) · trouble(problem, entry) · replaced(same: only what is shown) */
  class Conversation {
    constructor(server, agency, on) {
      Object.assign(this, { server, agency, on });
      this.key = `ventanilla:${server}:${agency}`;
      this.language = "es";
      this.last = 0;
      this.wanted = false;
      this.wake = () => {};
    }

    get record() {
      return read(this.key);
    }
    set record(value) {
      write(this.key, value);
    }
    note(change) {
      if (this.record) this.record = { ...this.record, ...change };
    }
    get outbox() {
      return read(this.key + ":outbox") || [];
    }
    set outbox(list) {
      write(this.key + ":outbox", list.length ? list : null);
      this.on.outbox();
    }
    edit(id, change) {
      this.outbox = this.outbox.flatMap((e) => (e.id !== id ? [e] : change ? [{ ...e, ...change }] : []));
    }

    async call(path, { body, headers, stop = new AbortController(), patience = PATIENCE } = {}) {
      const record = this.record;
      const late = patience && setTimeout(() => stop.abort(), patience);
      try {
        const response = await fetch(`${this.server}/api/chat/v1/conversations${path}`, {
          method: body ? "POST" : "GET",
          body: body && JSON.stringify(body),
          headers: {
            "Accept-Language": this.language,
            ...(body && { "Content-Type": "application/json" }),
            ...(record && path && { Authorization: `Bearer ${record.token}` }),
            ...headers,
          },
          signal: stop.signal,
          credentials: "omit",
          cache: "no-store",
        });
        if (response.ok) return patience ? await response.json().catch(() => ({})) : response;
        throw new Problem(response.status, await response.json().catch(() => ({})), Number(response.headers.get("Retry-After")) || 0);
      } catch (error) {
        throw error instanceof Problem ? error : new Problem(0);
      } finally {
        clearTimeout(late);
      }
    }

    // Two tabs that open at once make one conversation.
    async open() {
      await locked(this.key, async () => {
        if (this.record) return;
        const made = await this.call("", { body: { language: this.language, agency: this.agency } });
        this.record = { conversation: made.conversation, token: made.token, language: made.language || this.language, about: made.agency };
        this.receive(made.messages || [], false);
      });
      this.live();
    }

    // A new conversation: what was typed and never arrived goes along, buttons do not.
    renew() {
      this.record = null;
      this.last = 0;
      this.stop?.abort();
      this.on.replaced();
      this.outbox = this.outbox.filter((e) => e.text && !e.seq).map((e) => ({ id: uuid(), text: e.text, at: e.at }));
    }

    // She had something erased: what is shown goes, and what is left comes anew.
    clear() {
      this.last = 0;
      this.note({ useful: null });
      this.on.replaced(true);
    }

    receive(messages, live) {
      const ids = new Set(messages.map((m) => m.id));
      const top = Math.max(0, ...messages.map((m) => m.seq));
      this.last = Math.max(this.last, top);
      this.on.messages(messages, live);
      const rest = this.outbox.filter((e) => !ids.has(e.id) && !(e.seq && e.seq <= this.last));
      if (rest.length !== this.outbox.length) this.outbox = rest;
    }

    async catchUp() {
      const { conversation } = this.record;
      let before = this.last;
      for (let more = true; more; ) {
        const page = await this.call(`/${conversation}/messages?after=${this.last}`);
        if (this.record?.conversation !== conversation) return;
        if (page.erased) {
          this.clear();
          before = 0;
          continue;
        }
        more = page.messages.length >= 50;
        this.receive(page.messages, before > 0);
        this.on.state(page);
        this.on.typing({ on: page.pending, from: "assistant" });
      }
    }

    async stream() {
      const stop = (this.stop = new AbortController());
      const { conversation } = this.record;
      let silence;
      const heard = () => {
        clearTimeout(silence);
        silence = setTimeout(() => stop.abort(), SILENCE);
      };
      heard();
      try {
        const headers = { Accept: "text/event-stream", "Last-Event-ID": String(this.last) };
        const response = await this.call(`/${conversation}/events`, { headers, stop, patience: 0 });
        if (!/event-stream/.test(response.headers.get("Content-Type"))) throw new Problem(0);
        const reader = response.body.getReader();
        const decoder = new TextDecoder();
        for (let buffer = ""; ; ) {
          const { done, value } = await reader.read();
          if (done) return;
          heard();
          this.heard = true;
          const blocks = (buffer + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
          buffer = blocks.pop();
          blocks.forEach((block) => this.hear(block));
        }
      } finally {
        clearTimeout(silence);
        stop.abort();
      }
    }

    hear(block) {
      let event = "message";
      const data = [];
      for (const line of block.split(/\r?\n/)) {
        if (line.startsWith("event:")) event = line.slice(6).trim();
        if (line.startsWith("data:")) data.push(line.slice(5).trim());
      }
      if (!data.length) return;
      const said = JSON.parse(data.join("\n"));
      if (event === "message") this.receive([said], true);
      else if (event === "erased") {
        this.clear();
        this.receive(said.messages, false);
      }
      else if (event === "state" || event === "typing") this.on[event](said);
    }

    // Catch up, then listen; where streams do not pass, this loop is the poll.
    async live() {
      this.wanted = true;
      this.wake();
      if (this.living) return;
      this.living = true;
      for (let away = 0, mute = 0; this.wanted && this.record; ) {
        let rest = POLL;
        try {
          await this.catchUp();
          away = 0;
          this.on.connected(true);
          this.flush(true);
          this.heard = false;
          try {
            if (mute < 3 || mute % 20 === 0) await this.stream();
          } catch (problem) {
            if (problem.gone) throw problem;
          }
          mute = this.heard ? 0 : mute + 1;
          if (this.heard) rest = 500;
        } catch (problem) {
          if (problem.gone) {
            if (this.record) this.on.trouble(problem);
            break;
          }
          rest = Math.max(problem.wait * 1000, Math.min(30_000, 1000 * 2 ** away++) * (0.5 + Math.random() / 2));
          if (away > 1 || !navigator.onLine) this.on.connected(false);
        }
        if (this.wanted) await Promise.race([pause(rest), new Promise((wake) => (this.wake = wake))]);
      }
      this.living = false;
    }
    // The network is back, or may be gone: do not trust the open stream.
    again() {
      this.stop?.abort();
      this.wake();
    }
    rest() {
      this.wanted = false;
      this.stop?.abort();
      this.wake();
    }

    // What leaves goes into the outbox first, so that a reload or a lost connection loses nothing.
    send(entry) {
      const id = uuid();
      this.outbox = [...this.outbox, { id, at: new Date().toISOString(), ...entry }];
      this.flush();
      return id;
    }
    retry() {
      this.outbox = this.outbox.map((e) => ({ ...e, failed: null }));
      this.flush();
    }

    async flush(back) {
      if (!this.record) return;
      if (back && this.outbox.some((e) => e.failed === "offline")) this.outbox = this.outbox.map((e) => ({ ...e, failed: null }));
      await locked(this.key + ":send", async () => {
        for (let tries = 1; ; ) {
          const head = this.outbox.find((e) => !e.seq);
          if (!head || head.failed || !this.record) return;
          const { conversation } = this.record;
          try {
            const { id, text, button } = head;
            const { seq } = await this.call(`/${conversation}/messages`, { body: text ? { id, text } : { id, button } });
            tries = 1;
            if (head.quiet || seq <= this.last) this.edit(id, null);
            else this.edit(id, { seq });
            setTimeout(() => this.last < seq + 1 && this.record && this.catchUp().catch(() => {}), POLL);
          } catch (problem) {
            if ((problem.passing || problem.status === 429) && navigator.onLine && tries++ < SEND_TRIES) {
              if (problem.status === 429) this.on.trouble(problem, head);
              await pause(problem.wait ? Math.min(problem.wait, 60) * 1000 : 700 * tries);
              continue;
            }
            const kept = problem.passing || problem.gone || problem.status === 429 || problem.code === "conversation_closed";
            if (kept) this.outbox = this.outbox.map((e) => (e.seq ? e : { ...e, failed: problem.status ? "refused" : "offline" }));
            else this.edit(head.id, null);
            if (problem.status === 0) {
              this.on.connected(false);
              this.again();
            }
            this.on.trouble(problem, head);
            if (kept) return;
          }
        }
      });
    }

    feedback(seq, useful) {
      this.note({ useful: { ...this.record?.useful, [seq]: useful } });
      return this.call(`/${this.record.conversation}/messages/${seq}/feedback`, { body: { useful } });
    }
  }

  const LIGHT = `color-scheme:light;--page:#f6f5f1;--surface:#fff;--sunken:#eceae4;--ink:#1d1f21;--muted:#55575a;--line:#8a877d;
--main:var(--accent);--on-main:#fff;--ok:#1b6b3a;--warn:#8a4b00;--late:#a3202a;--focus:#b3450a`;
  const DARK = `color-scheme:dark;--page:#15171a;--surface:#1e2125;--sunken:#272b30;--ink:#eceae4;--muted:#b3b6ba;--line:#7d838b;
--main:var(--accent-dark,#7fb8e0);--on-main:#10222f;--ok:#7cc998;--warn:#f0b35e;--late:#ff9a93;--focus:#ffb27a`;
  const OWN = "--main:var(--accent-dark,color-mix(in oklab,var(--accent),white 50%))";
  const STYLE = `
:host{--accent:${ACCENT};display:block}
:host([mode=page]){block-size:100%;flex:1;min-block-size:0}
:host([hidden]){display:none}
.v{all:initial;${LIGHT}}
:host([theme=dark]) .v{${DARK}}
:host([theme=dark]) .v.own{${OWN}}
@media (prefers-color-scheme:dark){:host(:not([theme=light])) .v{${DARK}}:host(:not([theme=light])) .v.own{${OWN}}}
.v,.v *,.v ::before{box-sizing:border-box}
.v{display:block;block-size:100%;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;line-height:1.5;color:var(--ink)}
[hidden]{display:none!important}
.hide{position:absolute;inline-size:1px;block-size:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
button,textarea{font:inherit;color:inherit}
button{display:inline-flex;align-items:center;justify-content:center;gap:.5em;min-block-size:44px;min-inline-size:44px;padding:4px 14px;
 border:1px solid var(--line);border-radius:6px;background:var(--surface);cursor:pointer;touch-action:manipulation}
button:hover{background:var(--sunken)}
button.bare{border-color:transparent;background:none;padding:4px}
button.bare:hover{background:var(--sunken)}
button.main{background:var(--main);border-color:var(--main);color:var(--on-main)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
a{color:var(--main);text-underline-offset:.15em;overflow-wrap:anywhere}
svg{inline-size:1.4em;block-size:1.4em;flex:none;fill:none;stroke:currentcolor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.more svg{stroke-width:3.5}
p,h1,h2,ol{margin:0}
.bar,.about,.day,.who,.source,.useful,.foot,.typing,.under,.news{font-size:.8235em}
.about,.day,.who,.source,.useful,.foot,.typing,.under{color:var(--muted)}
.launch{position:fixed;inset-block-end:24px;inset-inline-end:24px;z-index:2147483000;min-block-size:56px;padding:8px 20px;border-radius:28px;
 font-size:1.0625em;font-weight:600;box-shadow:0 4px 20px rgb(0 0 0/.16)}
.count{min-inline-size:1.6em;padding:0 .4em;border-radius:1em;background:var(--on-main);color:var(--main);font-variant-numeric:tabular-nums}
.box{display:flex;flex-direction:column;position:relative;block-size:100%;inline-size:100%;font-size:1.0625em;background:var(--page);color:var(--ink);overflow:auto}
dialog.box{position:fixed;inset:auto;inset-block-end:24px;inset-inline-end:24px;z-index:2147483001;margin:0;padding:0;border:1px solid var(--line);
 border-radius:12px;inline-size:25em;max-inline-size:calc(100vw - 48px);block-size:42em;max-block-size:calc(100vh - 48px);max-block-size:calc(100dvh - 48px);
 box-shadow:0 4px 20px rgb(0 0 0/.16)}
dialog.box:not([open]){display:none}
dialog::backdrop{background:none}
@media ${ROOM}{dialog.box{inset:0;inline-size:100%;max-inline-size:none;block-size:100vh;block-size:100dvh;max-block-size:none;border:0;border-radius:0}}
.head{display:flex;flex-wrap:wrap;align-items:center;gap:0 12px;padding:8px 8px 8px 16px;background:var(--surface);border-block-end:1px solid var(--line);position:relative;z-index:2}
.mark{display:grid;place-items:center;inline-size:36px;block-size:36px;border-radius:6px;background:var(--main);color:var(--on-main);flex:none}
img.mark{background:none;object-fit:contain}
.title{flex:1 1 7em;min-inline-size:0}
h1,h2{font-size:1em;font-weight:600;line-height:1.3;overflow-wrap:anywhere}
.about{flex-basis:100%;padding-block-start:2px}
.tools{display:flex;margin-inline-start:auto}
.tools button{font-size:.9412em;font-weight:600}
.menu{position:absolute;inset-block-start:56px;inset-inline-end:8px;display:flex;flex-direction:column;min-inline-size:15em;padding:4px;background:var(--surface);
 border:1px solid var(--line);border-radius:6px;box-shadow:0 4px 20px rgb(0 0 0/.16);list-style:none;margin:0}
.menu button{inline-size:100%;justify-content:flex-start;padding-inline:12px;font-weight:400}
.menu a{display:flex;align-items:center;min-block-size:44px;padding-inline:12px}
.bar{padding:8px 16px;background:var(--sunken);border-inline-start:4px solid var(--main)}
.bar.warn{border-color:var(--warn)}
.mid{flex:1 1 auto;min-block-size:9em;display:flex;position:relative}
.log{flex:1;overflow:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column;gap:4px}
.log:focus-visible{outline-offset:-4px}
.log>:first-child{margin-block-start:auto}
.day{align-self:center;margin-block:12px 4px}
.day::first-letter{text-transform:uppercase}
.m{display:flex;flex-direction:column;align-items:flex-start;max-inline-size:min(90%,36em);align-self:flex-start;margin-block-start:12px}
.m.same{margin-block-start:0}
.m.citizen{align-self:flex-end;align-items:flex-end}
.m.system{align-self:center;align-items:center;text-align:center}
.who{font-weight:600;padding-inline:4px}
.bubble{padding:10px 14px;border:1px solid transparent;border-radius:12px;background:var(--surface);overflow-wrap:anywhere;min-inline-size:0;max-inline-size:100%}
.assistant .bubble,.staff .bubble{border-start-start-radius:4px}
.citizen .bubble{background:var(--main);color:var(--on-main);border-start-end-radius:4px}
.citizen .bubble a{color:inherit}
.staff .bubble{border-inline-start:4px solid var(--ok)}
.staff .who{color:var(--ok)}
.system .bubble{background:none;padding:2px 8px;font-size:.9412em;color:var(--muted)}
.m.failed .bubble{cursor:pointer;background:var(--surface);color:var(--ink);border:1px dashed var(--late)}
.text{white-space:pre-wrap;unicode-bidi:plaintext;text-align:start}
.system .text{text-align:center}
.bubble>*+*{margin-block-start:8px}
.bubble ol{padding-inline-start:1.4em}
.bubble li+li{margin-block-start:4px}
table{border-collapse:collapse;font-size:.9412em}
th,td{padding:4px 16px 4px 0;text-align:start;vertical-align:top;border-block-start:1px solid var(--sunken)}
th{font-weight:400;color:var(--muted);overflow-wrap:break-word}
.go{display:inline-flex;align-items:center;min-block-size:44px;font-weight:600}
.source{border-block-start:1px solid var(--sunken);padding-block-start:8px}
.useful{display:flex;flex-wrap:wrap;align-items:center;gap:0 4px;margin-block-start:0!important}
.useful button{color:var(--main);font-weight:600}
.useful [aria-pressed=true]{background:var(--sunken);border-color:var(--line)}
.foot{display:flex;align-items:center;gap:6px;padding-inline:4px;font-variant-numeric:tabular-nums}
.foot button{min-block-size:44px;color:var(--late);font-weight:600}
.choices{display:flex;flex-wrap:wrap;gap:8px;margin-block:8px 4px;font-size:.9412em}
.choices button{border-color:var(--main);color:var(--main);font-weight:500;text-align:start}
.past .choices button{border:1px dashed var(--line);color:var(--muted);background:none}
.typing{display:flex;align-items:center;gap:8px;padding:2px 16px 6px}
.dots{display:inline-flex;gap:3px}
.dots i{inline-size:6px;block-size:6px;border-radius:50%;background:currentcolor}
@media (prefers-reduced-motion:no-preference){.dots i{animation:b .9s infinite alternate}.dots i+i{animation-delay:.3s}.dots i+i+i{animation-delay:.6s}@keyframes b{from{opacity:.25}}}
.news{position:absolute;inset-block-end:8px;inset-inline:0;margin-inline:auto;inline-size:fit-content;border-radius:22px;font-weight:600;box-shadow:0 4px 20px rgb(0 0 0/.16)}
.note{margin:0 12px 8px;padding:8px 12px;background:var(--surface);border:1px solid var(--line);border-inline-start:4px solid var(--late);border-radius:6px;font-size:.9412em}
.note.ask{border-inline-start-color:var(--main)}
.note div{display:flex;flex-wrap:wrap;gap:8px;margin-block-start:8px}
form{background:var(--surface);border-block-start:1px solid var(--line);padding:8px 12px 4px}
.write{display:flex;align-items:flex-end;gap:8px}
textarea{flex:1;min-inline-size:0;margin:0;min-block-size:46px;max-block-size:calc(7.5em + 20px);padding:9px 12px;resize:none;overflow:auto;background:var(--surface);
 border:1px solid var(--line);border-radius:6px;line-height:1.5}
::placeholder{color:var(--muted);opacity:1}
.write .main{min-block-size:46px;min-inline-size:46px;padding:0}
.under{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:0 12px;min-block-size:8px}
.under button{color:var(--main);font-weight:600}
.over{color:var(--late);font-weight:600}
.page .head,.page .log,.page form{padding-inline:max(16px,50% - 23em)}
.page .bar,.page .typing{padding-inline:max(16px,50% - 27.93em)}
.page .note{margin-inline:max(16px,50% - 24.44em)}
.page .menu{inset-inline-end:max(16px,50% - 23em)}
@media (max-height:340px){.log{overflow:visible}.mid{flex-shrink:0}}
@media (forced-colors:active){.bubble,.mark,.note,.count{border:1px solid}.citizen .bubble{border-width:2px}.dots{display:none}button.main{border:2px solid}}
@media print{
:host(:not([mode=page])){display:none}.v,.box,.mid,.log{display:block!important;block-size:auto!important;overflow:visible!important;position:static!important}
.launch,form,.tools,.typing,.news,.note,.useful,.choices{display:none!important}.bubble{border:1px solid!important;background:none!important;color:#000!important}.m{break-inside:avoid}}
`;
  const sheet = new CSSStyleSheet(); // a browser too old for it keeps the plain form
  sheet.replaceSync(STYLE);

  const texts = {};
  const textsOf = (language) =>
    (texts[language] ||= fetch(new URL(`texts.${language}.json`, HERE), { credentials: "omit" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Problem(answer.status))))
      .catch((problem) => {
        delete texts[language];
        throw problem;
      }));

  class VentanillaChat extends HTMLElement {
    async connectedCallback() {
      if (this.talk) return;
      const server = (this.getAttribute("server") || HERE.origin).replace(/\/$/, "");
      this.page = this.getAttribute("mode") === "page";
      this.languages = (this.getAttribute("languages") || "es en").split(/[\s,]+/);
      this.messages = new Map();
      this.state = {};
      this.unread = 0;
      this.talk = new Conversation(server, this.getAttribute("agency") || "", {
        messages: (list, live) => this.showMessages(list, live),
        outbox: () => this.showOutbox(),
        state: (state) => this.showState(state),
        typing: (typing) => this.showTyping(typing),
        connected: (yes) => this.showConnected(yes),
        trouble: (problem, entry) => this.showTrouble(problem, entry),
        replaced: (same) => this.reset(same && this.known),
      });
      const wished = this.talk.record?.language || this.getAttribute("language") || document.documentElement.lang;
      const language = this.languages.includes(wished) ? wished : this.languages[0];
      for (let wait = 1000; !this.t; wait = Math.min(wait * 2, 60_000)) {
        try {
          this.t = await textsOf(language);
        } catch {
          console.error(`ventanilla-chat: ${server} does not answer this page. Is ${location.origin} in its VENTANILLA_CHAT_ORIGINS?`);
          await pause(wait);
        }
      }
      this.language = this.talk.language = language;
      const typed = this.querySelector("textarea")?.value; // in the plain form, before the script was there
      if (typed) write(this.talk.key + ":draft", typed);
      this.replaceChildren();
      this.attachShadow({ mode: "open" });
      this.shadowRoot.adoptedStyleSheets = [sheet];
      if (this.getAttribute("accent")) this.style.setProperty("--accent", this.getAttribute("accent"));
      this.paint();
      this.listen();
      const { record } = this.talk;
      if (this.page) this.open(false);
      else if (read(this.talk.key + ":open") && record && !matchMedia(ROOM).matches) this.open(false);
      else if (record && /staff/.test(record.state)) this.talk.live();
    }
    disconnectedCallback() {
      this.talk?.rest();
    }

    listen() {
      let hidden;
      document.addEventListener("visibilitychange", () => {
        clearTimeout(hidden);
        // a tab out of sight gives its connection back after a minute
        if (document.hidden) hidden = setTimeout(() => this.talk.rest(), 60_000);
        else if (this.opened && this.talk.record) this.talk.live();
      });
      addEventListener("online", () => (this.talk.record || !this.opened ? this.talk.again() : this.start()));
      addEventListener("offline", () => this.showConnected(false));
      addEventListener("storage", ({ key, newValue }) => {
        if (key === this.talk.key + ":outbox") this.showOutbox();
        if (key !== this.talk.key || !newValue) return;
        const { conversation } = JSON.parse(newValue);
        if (conversation === this.known) return;
        if (this.known) this.reset();
        this.talk.last = 0;
        this.talk.stop?.abort();
        if (this.opened) this.start();
      });
      visualViewport.addEventListener("resize", () => this.fit());
    }

    // A fixed box does not notice the keyboard on the screen.
    fit() {
      if (this.page || !this.box) return;
      const small = this.opened && matchMedia(ROOM).matches && visualViewport.scale === 1;
      this.box.style.blockSize = small ? `${visualViewport.height}px` : "";
      this.box.style.insetBlockStart = small ? `${visualViewport.offsetTop}px` : "";
      if (this.stick) this.toEnd();
    }

    paint() {
      const { t } = this;
      const typed = this.input?.value ?? read(this.talk.key + ":draft") ?? "";
      const name = this.getAttribute("name") || this.talk.record?.about?.name || t.title;
      const logo = safe(this.getAttribute("logo") || "javascript:");
      const button = (label, press, given = {}, ...inside) => h("button", { type: "button", click: press, "aria-label": inside.length ? label : null, ...given }, ...(inside.length ? inside : [label]));
      this.button = button;

      const others = this.languages.filter((code) => code !== this.language);
      const named = (code) => new Intl.DisplayNames([code], { type: "language" }).of(code);
      this.menu = h("ul", { class: "menu", hidden: true },
        h("li", {}, button(t.person, () => this.choose("system.person", t.person), { class: "bare" })),
        h("li", {}, button(t.my_data, () => this.depart({ text: t.my_data_ask }), { class: "bare" })),
        h("li", {}, button(t.my_data_get, () => this.keepMyData(), { class: "bare" })),
        h("li", {}, h("a", { href: `${this.talk.server}/privacy?lang=${this.language}`, target: "_blank" }, t.privacy)),
        h("li", {}, button(t.end, () => this.askEnd(), { class: "bare" })));
      this.opener = button(t.menu, () => this.toggleMenu(this.menu.hidden), { class: "bare more", "aria-expanded": "false" }, icon(ICONS.more));
      const header = h("div", { class: "head" },
        logo ? h("img", { class: "mark", src: logo, alt: "" }) : h("span", { class: "mark" }, icon(ICONS.window)),
        h("div", { class: "title" }, h(this.page ? "h1" : "h2", { id: "name" }, name)),
        h("div", { class: "tools" },
          ...others.map((code) => h("button", { type: "button", click: () => this.speak(code), class: "bare", lang: code, title: named(code) }, code.toUpperCase(), h("span", { class: "hide" }, ` ${named(code)}`))),
          this.opener,
          this.page ? null : button(t.close, () => this.close(), { class: "bare" }, icon(ICONS.close))),
        h("p", { class: "about" }, t.about),
        this.menu);

      this.away = h("p", { class: "bar warn", role: "status", hidden: true });
      this.queue = h("p", { class: "bar", role: "status", hidden: true });
      this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t.log, tabindex: "0", scroll: () => this.scrolled() });
      (this.sized ??= new ResizeObserver(() => this.stick && this.toEnd())).observe(this.log);
      this.newer = button(t.log, () => this.toEnd(true), { class: "main news", hidden: true });
      this.hint = h("div", { class: "typing", hidden: true });
      this.noteBox = h("div", { class: "note", role: "alert", hidden: true });
      this.input = h("textarea", { id: "text", rows: "1", placeholder: t.placeholder, "aria-describedby": "keys count", autocomplete: "off", enterkeyhint: "send",
        input: () => this.typed(), keydown: (event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          this.submit();
        } });
      this.input.value = typed;
      this.counter = h("span", { id: "count", role: "status" });
      this.human = button(t.person, () => this.choose("system.person", t.person), { class: "bare" });
      this.form = h("form", { submit: (event) => { event.preventDefault(); this.submit(); } },
        h("label", { for: "text", class: "hide" }, t.label),
        h("span", { id: "keys", class: "hide" }, t.keys),
        h("div", { class: "write" }, this.input, h("button", { class: "main", "aria-label": t.send }, icon(ICONS.send))),
        h("div", { class: "under" }, this.human, this.counter));

      this.box = h(this.page ? "section" : "dialog", { class: this.page ? "box page" : "box", "aria-labelledby": "name", keydown: (event) => this.escape(event),
        cancel: (event) => { event.preventDefault(); this.close(); }, click: (event) => { if (!event.composedPath().some((e) => e === this.menu || e === this.opener)) this.toggleMenu(false); } },
        header, this.away, this.queue, h("div", { class: "mid" }, this.log, this.newer), this.hint, this.noteBox, this.form);
      this.badge = h("span", { class: "count", hidden: true });
      this.launcher = this.page ? null : h("button", { type: "button", class: "main launch", "aria-haspopup": "dialog", click: () => this.open() }, icon(ICONS.talk), t.launch, this.badge);
      const own = getComputedStyle(this).getPropertyValue("--accent").trim().toLowerCase() !== ACCENT;
      const root = h("div", { class: own ? "v own" : "v", lang: this.language }, this.launcher, this.box);
      this.shadowRoot.replaceChildren(root);

      this.elements = new Map();
      this.days = new Map();
      this.place([...this.messages.values()]);
      this.showOutbox();
      this.showState(this.state);
      this.showConnected(this.isConnectedNow ?? navigator.onLine);
      this.typed();
    }

    toggleMenu(open) {
      if (this.menu.hidden === !open) return;
      this.menu.hidden = !open;
      this.opener.setAttribute("aria-expanded", String(open));
      if (open) this.menu.querySelector("button").focus();
    }

    escape(event) {
      if (event.key !== "Escape") return;
      if (!this.menu.hidden) {
        this.toggleMenu(false);
        this.opener.focus();
      } else if (!this.page) this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    async open(byHand = true) {
      this.opened = true;
      this.unread = 0;
      if (!this.page) {
        write(this.talk.key + ":open", 1);
        this.launcher.hidden = true;
        if (matchMedia(ROOM).matches) this.box.showModal();
        else {
          const before = document.activeElement;
          this.box.show();
          if (!byHand) before?.focus?.();
        }
        this.fit();
      }
      this.toEnd();
      if (byHand) this.focusWriting(true);
      await this.start();
    }

    async start() {
      clearTimeout(this.later);
      try {
        await this.talk.open();
        this.known = this.talk.record?.conversation;
        this.tell();
        this.talk.flush(true);
      } catch (problem) {
        this.showConnected(problem.status !== 0);
        if (problem.status) this.tell(problem.message || this.t.trouble, [[this.t.retry, () => this.start()]]);
        this.later = setTimeout(() => this.opened && this.start(), Math.max(5000, problem.wait * 1000));
      }
    }

    close() {
      this.opened = false;
      write(this.talk.key + ":open", null);
      this.box.close();
      this.launcher.hidden = false;
      this.badge.hidden = true;
      this.launcher.focus();
      if (!/staff/.test(this.state.state)) this.talk.rest();
    }

    // On a touch screen focus would raise the keyboard over what was asked for.
    focusWriting(opening) {
      const target = this.form.hidden ? this.noteBox.querySelector("button") : this.input;
      if (!matchMedia("(pointer: coarse)").matches) target?.focus({ preventScroll: true });
      else if (opening) this.log.focus({ preventScroll: true });
    }

    async speak(code) {
      try {
        this.t = await textsOf(code);
      } catch {
        return this.tell(this.t.trouble);
      }
      this.language = this.talk.language = code;
      this.talk.note({ language: code });
      this.paint();
      if (!this.page && this.opened) {
        this.launcher.hidden = true;
        if (matchMedia(ROOM).matches) this.box.showModal();
        else this.box.show();
      }
      this.log.setAttribute("aria-live", "polite");
      this.toEnd();
      this.focusWriting(true);
      if (this.talk.record) this.talk.send({ button: `lang.${code}`, quiet: true });
    }

    typed() {
      const { input, counter, t } = this;
      input.style.blockSize = "auto";
      if (input.scrollHeight) input.style.blockSize = `${input.scrollHeight + 2}px`;
      const left = LIMIT - [...input.value].length;
      counter.classList.toggle("over", left < 0);
      counter.textContent = left > LIMIT - COUNT_FROM ? "" : this.plural(left < 0 ? t.over : t.left, Math.abs(left));
      write(this.talk.key + ":draft", input.value || null);
      if (this.noteBox.dataset.passing) this.noteBox.hidden = true;
    }
    plural(forms, n) {
      return fill(forms[new Intl.PluralRules(this.language).select(n)] || forms.other, { n });
    }

    submit() {
      const text = this.input.value.trim();
      if (text && [...text].length <= LIMIT) {
        this.input.value = "";
        this.typed();
        this.depart({ text });
      } else if (!text) this.tell(this.t.empty);
      this.input.focus();
    }
    choose(button, label) {
      this.depart({ button, label });
    }
    depart(entry) {
      this.toggleMenu(false);
      this.tell();
      this.stick = true;
      this.talk.send(entry);
      if (!this.talk.record) this.start();
      this.toEnd();
      this.focusWriting();
    }

    askEnd() {
      this.toggleMenu(false);
      this.tell(this.t.end_sure, [[this.t.end_yes, () => this.choose("system.end", this.t.end)], [this.t.end_no, () => { this.tell(); this.focusWriting(); }]], true);
      this.noteBox.querySelector("button").focus();
    }

    // Her data as two files, over the call: an address could be passed on.
    async keepMyData() {
      this.toggleMenu(false);
      try {
        const files = await this.talk.call(`/${this.talk.record.conversation}/mydata`, { body: {} });
        for (const [name, text] of Object.entries(files)) {
          const link = h("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: name });
          link.click();
          setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
        }
      } catch {
        this.depart({ text: "/mydata" });
      }
    }

    // One sentence beside the composer, with what can be done about it.
    tell(text, acts = [], asks = false) {
      this.noteBox.hidden = !text;
      this.noteBox.classList.toggle("ask", asks);
      this.noteBox.dataset.passing = acts.length ? "" : "1";
      this.noteBox.replaceChildren();
      if (!text) return;
      this.noteBox.append(text);
      if (acts.length) this.noteBox.append(h("div", {}, ...acts.map(([label, act], i) => this.button(label, act, { class: i ? "" : "main" }))));
      if (this.stick) this.toEnd();
    }
    offerNew(text) {
      this.tell(text, [[this.t.again, async () => {
        this.tell();
        this.talk.renew();
        await this.start();
        this.focusWriting();
      }]], true);
    }

    showTrouble(problem, entry) {
      const { t } = this;
      if (problem.gone) this.offerNew(problem.message || t.gone);
      else if (problem.code === "conversation_closed") this.offerNew(problem.message || t.closed);
      else if (problem.passing) this.tell(problem.message || (problem.status ? t.failed_note : t.kept));
      else {
        if (entry?.text && problem.status !== 429 && !this.input.value) {
          this.input.value = entry.text;
          this.typed();
        }
        this.tell(problem.message || t.trouble);
      }
    }

    showConnected(yes) {
      this.isConnectedNow = yes;
      this.away.hidden = yes;
      this.away.textContent = yes ? "" : this.t.offline;
      if (yes && this.noteBox.textContent === this.t.kept) this.tell();
    }

    showState({ state, position = state === this.state.state ? this.state.position : null }) {
      if (!state) return;
      const { t } = this;
      this.state = { state, position };
      if (this.talk.record && this.talk.record.state !== state) this.talk.note({ state });
      const named = [...this.messages.values()].reverse().find((m) => m.from === "staff" && m.name)?.name;
      const line = state === "waiting_staff" ? (position ? fill(t.waiting_at, { n: position }) : t.waiting)
        : state === "staff" ? (named ? fill(t.with_staff_named, { name: named }) : t.with_staff) : "";
      if (this.queue.textContent !== line) this.queue.textContent = line;
      this.queue.hidden = !line;
      this.human.hidden = /staff|closed/.test(state);
      const closed = state === "closed";
      if (closed && !this.form.hidden) this.offerNew(t.closed);
      if (!closed && this.form.hidden) this.tell();
      this.form.hidden = closed;
    }

    showTyping({ on, from }) {
      clearTimeout(this.typingEnd);
      const was = this.hint.hidden;
      this.hint.hidden = !on;
      this.hint.replaceChildren(h("span", { class: "dots" }, h("i"), h("i"), h("i")), from === "staff" ? this.t.typing_staff : this.t.typing_assistant);
      if (on) this.typingEnd = setTimeout(() => (this.hint.hidden = true), 30_000);
      if (was !== this.hint.hidden && this.stick) this.toEnd();
    }

    reset(known = null) {
      this.messages.clear();
      this.elements.clear();
      this.days.clear();
      this.log.replaceChildren();
      this.state = {};
      this.known = known;
      this.log.setAttribute("aria-live", "off");
      this.queue.hidden = true;
      this.form.hidden = false;
      this.human.hidden = false;
      this.tell();
    }

    showMessages(list, live) {
      const fresh = list.filter((m) => !this.messages.has(m.seq));
      if (!fresh.length) return;
      this.scrolled();
      fresh.forEach((m) => this.messages.set(m.seq, m));
      const added = this.place(fresh);
      this.showState(this.state);
      const incoming = fresh.filter((m) => m.from !== "citizen");
      if (incoming.length) this.showTyping({ on: false });
      if (!live) {
        this.toEnd();
        setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
        return;
      }
      this.log.setAttribute("aria-live", "polite");
      if (!this.opened && incoming.length) {
        this.unread += incoming.length;
        this.badge.hidden = false;
        this.badge.replaceChildren(h("span", { "aria-hidden": "true" }, String(this.unread)), h("span", { class: "hide" }, this.plural(this.t.news, this.unread)));
      }
      if (this.stick) this.reveal(added[0]);
      else if (incoming.length) {
        this.missed = (this.missed || 0) + incoming.length;
        this.newer.replaceChildren(this.plural(this.t.news, this.missed), icon(ICONS.down));
        this.newer.hidden = false;
      }
    }

    showOutbox() {
      if (!this.elements) return;
      const waiting = this.talk.outbox.filter((e) => !e.quiet);
      for (const [id, element] of this.elements) {
        if (!element.dataset.seq && !waiting.some((e) => e.id === id)) {
          element.remove();
          this.elements.delete(id);
        }
      }
      for (const entry of waiting) {
        let element = this.elements.get(entry.id);
        if (element?.dataset.seq) continue;
        if (!element) {
          element = this.message({ id: entry.id, from: "citizen", text: entry.text || entry.label, sent_at: entry.at, language: this.language });
          this.elements.set(entry.id, element);
          this.log.append(element);
          this.day(element, entry.at);
          if (this.stick !== false) this.toEnd();
        }
        this.status(element, entry.seq ? "sent" : entry.failed ? "failed" : "sending");
      }
      this.tidy();
    }

    // In the order of their numbers; what was shown while it was sent stays the same element.
    place(list) {
      const added = list.map((m) => {
        const sent = m.from === "citizen" ? this.elements.get(m.id) || this.elements.get(this.talk.outbox.find((e) => e.seq === m.seq)?.id) : null;
        const element = sent && !sent.dataset.seq ? sent : this.message(m);
        element.dataset.seq = m.seq;
        this.elements.set(m.id || `#${m.seq}`, element);
        if (m.from === "citizen") this.status(element, "sent");
        let after = null;
        for (let e = this.log.lastElementChild; e && !(e.dataset.seq < m.seq); e = e.previousElementSibling) if (e.dataset.who && e !== element) after = e;
        const next = element.nextElementSibling;
        if (!element.parentNode || (next !== after && !next?.matches(".day"))) this.log.insertBefore(element, after);
        this.day(element, m.sent_at);
        return element;
      });
      this.tidy();
      return added;
    }

    day(element, when) {
      const date = new Date(when);
      if (isNaN(date)) return;
      const key = date.toDateString();
      let line = this.days.get(key);
      if (!line) {
        const ago = Math.round((new Date(key) - new Date(new Date().toDateString())) / 864e5);
        const text = ago > -2 ? new Intl.RelativeTimeFormat(this.language, { numeric: "auto" }).format(ago, "day")
          : date.toLocaleDateString(this.language, { weekday: "long", day: "numeric", month: "long" });
        line = h("p", { class: "day" }, text);
        this.days.set(key, line);
        this.log.insertBefore(line, element);
      } else if (line.compareDocumentPosition(element) & 2) this.log.insertBefore(line, element); // 2: it stands before its day
    }

    // Names once per speaker (always for screen readers); buttons of past steps step back.
    tidy() {
      let before = null;
      const all = [...this.log.children];
      const lastSaid = all.findLastIndex((e) => /assistant|staff/.test(e.className));
      const lastOwn = all.findLastIndex((e) => e.classList.contains("citizen"));
      all.forEach((e, i) => {
        const who = e.dataset.who;
        const same = !!who && who === before;
        e.classList.toggle("same", same);
        e.firstElementChild?.classList.toggle("hide", same || e.matches(".citizen, .system"));
        e.classList.toggle("past", i < Math.max(lastOwn, lastSaid) && i !== lastSaid);
        before = who;
      });
    }

    message(m) {
      const { t } = this;
      const who = m.name || { citizen: t.you, assistant: t.assistant, staff: t.staff }[m.from] || t.system;
      const at = new Date(m.sent_at);
      const foot = h("div", { class: "foot", lang: this.language }, isNaN(at) || m.from === "system" ? null : h("time", { datetime: m.sent_at }, at.toLocaleTimeString(this.language, { hour: "2-digit", minute: "2-digit", hour12: false })),
        m.from === "citizen" ? h("span", { class: "status", "aria-live": "off" }) : null);
      const element = h("div", { class: `m ${m.from}`, lang: m.language },
        h("span", { class: "who", lang: m.name ? null : this.language }, who, h("span", { class: "hide" }, ": ")),
        h("div", { class: "bubble", click: () => element.classList.contains("failed") && this.talk.retry() }, ...(m.card ? this.card(m) : [this.text(m.text, m.from !== "citizen")])),
        foot,
        m.buttons?.length ? h("div", { class: "choices" }, ...m.buttons.map((b) => this.button(b.title, () => (b.action ? this.keepMyData() : this.choose(b.button, b.title))))) : null);
      element.dataset.who = m.from + who;
      return element;
    }

    status(element, name) {
      const { t } = this;
      const span = element.querySelector(".status");
      if (!span || span.dataset.is === name) return;
      span.dataset.is = name;
      element.classList.toggle("failed", name === "failed");
      if (name === "failed") span.replaceChildren(this.button(t.failed, () => this.talk.retry(), { class: "bare" }));
      else if (name === "sent") span.replaceChildren(h("span", { "aria-hidden": "true" }, "✓"), h("span", { class: "hide" }, t.sent));
      else span.replaceChildren(t.sending);
    }

    text(text, phones) {
      const p = h("p", { class: "text", dir: "auto" });
      let from = 0;
      for (const [at, shown, address] of links(text, phones)) {
        p.append(text.slice(from, at), this.link(shown, address));
        from = at + shown.length;
      }
      p.append(text.slice(from));
      return p;
    }
    link(title, address, given = {}) {
      const url = safe(address);
      if (!url) return h("span", {}, title);
      const away = /^http/.test(url);
      return h("a", { href: url, ...(away && { target: "_blank", rel: "noopener noreferrer" }), ...given }, title,
        away ? h("span", { class: "hide", lang: this.language }, ` (${this.t.new_tab})`) : null);
    }

    card(m) {
      const { card } = m;
      const parts = [this.text(card.text || m.text, 1)];
      if (card.steps?.length) parts.push(h("ol", {}, ...card.steps.map((step) => h("li", {}, this.text(step, 1)))));
      if (card.facts?.length) parts.push(h("table", {}, h("tbody", {}, ...card.facts.map((f) => h("tr", {}, h("th", { scope: "row" }, f.label), h("td", {}, this.text(String(f.value), 1)))))));
      if (card.link) parts.push(h("p", {}, this.link(card.link.title, card.link.url, { class: "go" })));
      const { source, labels = {} } = card;
      const lines = [
        source && h("span", {}, labels.source ? `${labels.source}: ` : "", source.url ? this.link(source.title, source.url) : source.title),
        [card.unit, card.reviewed && `${labels.reviewed || ""} ${card.reviewed}`.trim()].filter(Boolean).join(" · "),
      ].filter(Boolean);
      if (lines.length) parts.push(h("p", { class: "source" }, lines[0], ...lines.slice(1).flatMap((line) => [h("br"), line])));
      if (source && m.from === "assistant") parts.push(this.usefulness(m.seq));
      return parts;
    }

    usefulness(seq) {
      const { t } = this;
      const said = this.talk.record?.useful?.[seq];
      const thanks = h("span", { role: "status" });
      const answer = (useful, label) => this.button(label, async ({ currentTarget }) => {
        box.querySelectorAll("button").forEach((b) => b.setAttribute("aria-pressed", String(b === currentTarget)));
        try {
          await this.talk.feedback(seq, useful);
          thanks.textContent = t.thanks;
        } catch (problem) {
          currentTarget?.setAttribute("aria-pressed", "false");
          this.tell(problem.message || t.trouble);
        }
      }, { class: "bare", "aria-pressed": String(said === useful) });
      const box = h("div", { class: "useful", role: "group", "aria-label": t.useful, lang: this.language }, h("span", {}, t.useful), answer(true, t.yes), answer(false, t.no), thanks);
      return box;
    }

    scrolled() {
      const { log } = this;
      this.stick = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
      if (this.stick) {
        this.missed = 0;
        this.newer.hidden = true;
      }
    }
    toEnd(byHand) {
      this.log.scrollTop = this.log.scrollHeight;
      if (byHand) this.focusWriting();
    }
    // The end, but never past the beginning of what has just arrived.
    reveal(element) {
      const top = element.offsetTop - this.log.offsetTop - 16;
      this.log.scrollTop = Math.min(this.log.scrollHeight, top);
    }
  }

  customElements.define("ventanilla-chat", VentanillaChat);
})();

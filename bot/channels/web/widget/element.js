/* <ventanilla-chat>: the web chat, as a page or as a widget in any page (docs/widget.md). What stands inside it is shown until
   the chat is ready. */
import { Conversation, LIMIT, MOST_PARTS, Problem, kept, parted, pause, read, write } from "./conversation.js";
import { HERE, ICONS, h, icon, links, safe } from "./drawing.js";
import { ACCENT, ROOM, sheet } from "./style.js";

const COUNT_FROM = 3600;
const REFERENCE = /\b([A-Z]{3}-\d{4}-\d{6}-[A-Z])\b/g; // as bot/suggestions/references.py
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

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
    if (this.talk) return this.goOn();
    const server = (this.getAttribute("server") || HERE.origin).replace(/\/$/, "");
    this.page = this.getAttribute("mode") === "page";
    this.languages = (this.getAttribute("languages") || "es en").split(/[\s,]+/);
    this.messages = new Map();
    this.state = {};
    this.unread = this.missed = 0;
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
    this.listened = this.talk?.wanted;
    this.ears?.abort();
    this.talk?.rest();
  }
  // It was moved within its page.
  goOn() {
    if (!this.box) return;
    this.listen();
    if (this.listened) this.talk.live();
    if (this.opened && !this.page && matchMedia(ROOM).matches) {
      this.box.close();
      this.box.showModal();
    }
    this.toEnd();
  }

  listen() {
    let hidden;
    const { signal } = (this.ears = new AbortController());
    const on = (where, what, then) => where.addEventListener(what, then, { signal });
    on(document, "visibilitychange", () => {
      clearTimeout(hidden);
      // a tab out of sight gives its connection back, after a minute where the tabs of a browser share one
      if (document.hidden) hidden = setTimeout(() => this.talk.rest(), navigator.locks ? 60_000 : 0);
      else if (this.opened && this.talk.record) this.talk.live();
    });
    on(window, "online", () => (this.talk.record || !this.opened ? this.talk.again() : this.start()));
    on(window, "offline", () => this.showConnected(false));
    on(window, "storage", ({ key, newValue }) => {
      if (key === this.talk.key + ":outbox") this.showOutbox();
      if (key !== this.talk.key || !newValue) return;
      const { conversation } = JSON.parse(newValue);
      if (conversation === this.known) return;
      if (this.known) this.reset();
      this.talk.last = 0;
      this.talk.stop?.abort();
      if (this.opened) this.start();
    });
    on(visualViewport, "resize", () => this.fit());
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

    const about = new URLSearchParams({ lang: this.language, ...(this.talk.agency && { agency: this.talk.agency }) });
    const others = this.languages.filter((code) => code !== this.language);
    const named = (code) => new Intl.DisplayNames([code], { type: "language" }).of(code);
    this.menu = h("ul", { class: "menu", hidden: true },
      h("li", {}, button(t.person, () => this.choose("system.person", t.person), { class: "bare" })),
      h("li", {}, button(t.my_data, () => this.depart({ text: t.my_data_ask }), { class: "bare" })),
      h("li", {}, button(t.my_data_get, () => this.keepMyData(), { class: "bare" })),
      h("li", {}, h("a", { href: `${this.talk.server}/privacy?${about}`, target: "_blank" }, t.privacy)),
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
      (this.unkept = h("p", { class: "about", role: "status", hidden: true })),
      this.menu);

    this.away = h("p", { class: "bar warn", role: "status", hidden: true });
    this.queue = h("p", { class: "bar", role: "status", hidden: true });
    this.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t.log, tabindex: "0", scroll: () => this.scrolled() });
    (this.sized ??= new ResizeObserver(() => this.stick && this.toEnd())).observe(this.log);
    this.newer = button(t.to_end, () => this.toEnd(true), { class: "main news", hidden: true });
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
    this.back = button(t.back, () => this.choose("system.back", t.back), { class: "bare", hidden: true });
    this.form = h("form", { submit: (event) => { event.preventDefault(); this.submit(); } },
      h("label", { for: "text", class: "hide" }, t.label),
      h("span", { id: "keys", class: "hide" }, t.keys),
      h("div", { class: "write" }, this.input, h("button", { class: "main", "aria-label": t.send }, icon(ICONS.send))),
      h("div", { class: "under" }, this.human, this.back, this.counter));

    this.box = h(this.page ? "section" : "dialog", { class: this.page ? "box page" : "box", "aria-labelledby": "name", keydown: (event) => this.escape(event),
      cancel: (event) => { event.preventDefault(); this.close(); }, click: (event) => { if (!event.composedPath().some((e) => e === this.menu || e === this.opener)) this.toggleMenu(false); } },
      header, this.away, this.queue, h("div", { class: "mid" }, this.log, this.newer), this.hint, this.noteBox, this.form);
    this.badge = h("span", { class: "count", hidden: true });
    this.launcher = this.page ? null : h("button", { type: "button", class: "main launch", "aria-haspopup": "dialog", click: () => this.open() }, icon(ICONS.talk), t.launch, this.badge);
    const own = getComputedStyle(this).getPropertyValue("--accent").trim().toLowerCase() !== ACCENT;
    const stay = (event) => event.stopPropagation(); // a page may have keys of its own
    const root = h("div", { class: own ? "v own" : "v", lang: this.language, keydown: stay, keypress: stay, keyup: stay }, this.launcher, this.box);
    this.shadowRoot.replaceChildren(root);

    this.elements = new Map();
    this.days = new Map();
    this.place([...this.messages.values()]);
    this.showOutbox();
    this.showState(this.state);
    this.showConnected(this.isConnectedNow ?? navigator.onLine);
    this.typed();
    if (this.known) this.showKept();
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
      else this.box.open = true; // show() would take the focus from the page
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
      this.showKept();
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
    if (!matchMedia("(pointer: coarse)").matches) this.input.focus({ preventScroll: true });
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
    input.classList.toggle("tall", input.scrollHeight > input.clientHeight + 2);
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
    const parts = parted(text);
    if (!text) this.tell(this.t.empty);
    else if (parts.length === 1) this.departAll(parts);
    else {
      const ways = parts.length > MOST_PARTS ? [] : [[fill(this.t.parts, { n: parts.length }), () => this.departAll(parted(this.input.value))]];
      this.tell(this.plural(this.t.over, [...text].length - LIMIT), ways);
      this.noteBox.dataset.passing = "1"; // it is about the text as it stands
    }
    this.input.focus();
  }
  departAll(parts) {
    this.input.value = "";
    this.typed();
    parts.forEach((text, i) => this.depart({ text, more: i < parts.length - 1 }));
    this.input.focus();
  }
  choose(button, label) {
    this.depart({ button, label });
  }
  depart(entry) {
    this.toggleMenu(false);
    this.tell();
    this.stick = true;
    if (entry.text && this.state.state === "closed") this.talk.renew();
    this.talk.send(entry);
    if (!this.talk.record) this.start();
    this.toEnd();
    this.focusWriting();
  }

  askEnd() {
    this.toggleMenu(false);
    this.tell(this.t[`end_sure_${this.state.state}`] || this.t.end_sure, [[this.t.end_yes, () => this.choose("system.end", this.t.end)], [this.t.end_no, () => { this.tell(); this.focusWriting(); }]], true);
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

  showKept() {
    this.unkept.hidden = kept();
    this.unkept.textContent = kept() ? "" : this.t.unkept;
  }

  showConnected(yes) {
    this.isConnectedNow = yes;
    this.away.hidden = yes;
    this.away.textContent = yes ? "" : this.t.offline;
    if (yes && this.noteBox.textContent === this.t.kept) this.tell();
  }

  showState({ state, position = state === this.state.state ? this.state.position : null, opens = state === this.state.state ? this.state.opens : null }) {
    if (!state) return;
    const { t } = this;
    this.state = { state, position, opens };
    if (this.talk.record && this.talk.record.state !== state) this.talk.note({ state });
    const named = [...this.messages.values()].reverse().find((m) => m.from === "staff" && m.name)?.name;
    const line = state === "waiting_staff" ? [position ? fill(t.waiting_at, { n: position }) : t.waiting, opens && fill(t.opens, { when: this.there(opens) }), t.waiting_close].filter(Boolean).join(" ")
      : state === "staff" ? (named ? fill(t.with_staff_named, { name: named }) : t.with_staff) : "";
    if (this.queue.textContent !== line) this.queue.textContent = line;
    this.queue.hidden = !line;
    this.human.hidden = /staff|closed/.test(state);
    this.back.hidden = state !== "waiting_staff";
    const closed = state === "closed";
    if (closed !== this.ended) closed ? this.offerNew(t.closed) : this.tell();
    this.ended = closed;
  }

  // A time of the agency, by the clock on its wall.
  there(iso) {
    const words = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZone: "UTC" };
    return new Date(`${iso.slice(0, 16)}Z`).toLocaleString(this.language, words);
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
    this.ended = false;
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
      this.missed += incoming.length;
      this.showNewer();
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
      ...this.copies(m),
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
      p.append(...this.words(text.slice(from, at)), this.link(shown, address));
      from = at + shown.length;
    }
    p.append(...this.words(text.slice(from)));
    return p;
  }
  words(text) {
    return text.split(REFERENCE).map((part, i) => (i % 2 ? h("span", { class: "ref" }, part) : part));
  }
  copies(m) {
    const found = m.from === "citizen" ? [] : [...new Set((m.text || "").match(REFERENCE))].slice(0, 3);
    return found.map((reference) => this.button(fill(this.t.copy, { reference }), async ({ currentTarget: pressed }) => {
      try {
        await navigator.clipboard.writeText(reference);
        pressed.textContent = this.t.copied;
      } catch {
        this.tell(fill(this.t.copy_by_hand, { reference }));
      }
    }, { class: "bare copy", "aria-live": "polite", lang: this.language }));
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
    if (card.period) parts.push(h("p", { class: "period" }, card.period));
    const { source, labels = {} } = card;
    const lines = [
      source?.title && h("span", {}, labels.source ? `${labels.source}: ` : "", source.url ? this.link(source.title, source.url) : source.title),
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
    if (this.stick) this.missed = 0;
    this.showNewer();
  }
  // The way to the end, with how much has come there meanwhile.
  showNewer() {
    const { missed, newer } = this;
    newer.hidden = this.stick !== false;
    newer.classList.toggle("arrow", !missed);
    newer.replaceChildren(missed ? this.plural(this.t.news, missed) : h("span", { class: "hide" }, this.t.to_end), icon(ICONS.down));
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

if (!customElements.get("ventanilla-chat")) customElements.define("ventanilla-chat", VentanillaChat);

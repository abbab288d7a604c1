/* The conversation: what goes over the network, what waits to leave, what the browser keeps. It shows nothing. */
export const LIMIT = 4000; // as bot/text.py
export const MOST_PARTS = 8; // as bot/turns/parts.py

// A text that is too long, cut at paragraphs, lines, sentences or words.
export function parted(text) {
  const parts = [];
  let rest = [...text.trim()];
  while (rest.length > LIMIT) {
    const head = rest.slice(0, LIMIT).join("");
    const mark = ["\n\n", "\n", ". ", " "].find((m) => head.lastIndexOf(m) > LIMIT / 4);
    const cut = mark ? head.slice(0, head.lastIndexOf(mark) + 1) : head;
    parts.push(cut.trim());
    rest = [...rest.slice([...cut].length).join("").trim()];
  }
  return rest.length ? [...parts, rest.join("")] : parts;
}
const SILENCE = 45_000; // the stream sends a heartbeat more often than this
const POLL = 3_000;
const PATIENCE = 20_000;
const SEND_TRIES = 3;

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// One tab after the other, where the browser lets them wait for one another.
async function locked(name, work, signal) {
  let begun = false;
  const begin = () => {
    begun = true;
    return work();
  };
  try {
    return await navigator.locks.request(name, { signal }, begin);
  } catch (problem) {
    if (begun || signal?.aborted) throw problem;
    return work();
  }
}

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only in secure contexts
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  const x = Array.from(b, (n) => n.toString(16).padStart(2, "0")).join("");
  return [x.slice(0, 8), x.slice(8, 12), x.slice(12, 16), x.slice(16, 20), x.slice(20)].join("-");
}

// What the browser does not take (it refuses, or it is full) is kept as long as the page is open.
const memory = new Map();
export const kept = () => !memory.size;
export const read = (key) => {
  try {
    return JSON.parse(memory.get(key) ?? localStorage.getItem(key));
  } catch {
    return null;
  }
};
export const write = (key, value) => {
  memory.delete(key);
  try {
    if (value == null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    if (value != null) memory.set(key, JSON.stringify(value));
  }
};

export class Problem extends Error {
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
export class Conversation {
  constructor(server, agency, on) {
    Object.assign(this, { server, agency, on });
    this.key = `ventanilla:${server}:${agency}`;
    this.language = "es";
    this.last = 0;
    this.wanted = false;
    this.wake = this.heed = () => {};
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

  // One stream a browser: a browser opens six connections to a server, for all its tabs together. The tab that has the
  // lock listens and passes on what it hears; the others wait for the lock, and look for themselves when it falls silent.
  async listen() {
    const stop = (this.stop = new AbortController());
    let silence;
    this.heed = () => {
      clearTimeout(silence);
      silence = setTimeout(() => stop.abort(), SILENCE);
    };
    this.heed();
    try {
      await locked(this.air.name, () => this.stream(stop), stop.signal);
    } finally {
      clearTimeout(silence);
      stop.abort();
    }
  }

  // Before it catches up, so that nothing falls between what it reads and what it is told.
  tune() {
    const name = `${this.key}:${this.record.conversation}:stream`;
    if (this.air?.name === name) return;
    this.air?.close();
    try {
      this.air = new BroadcastChannel(name);
    } catch {
      this.air = { name, postMessage() {}, close() {} }; // refused: this tab hears what it reads itself
    }
    this.air.onmessage = ({ data }) => {
      this.heed();
      this.heard = true;
      this.hear(data);
    };
  }

  async stream(stop) {
    const { conversation } = this.record;
    this.heed();
    try {
      const headers = { Accept: "text/event-stream", "Last-Event-ID": String(this.last) };
      const response = await this.call(`/${conversation}/events`, { headers, stop, patience: 0 });
      if (!/event-stream/.test(response.headers.get("Content-Type"))) throw new Problem(0);
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (let buffer = ""; ; ) {
        const { done, value } = await reader.read();
        if (done) return;
        this.heed();
        this.heard = true;
        const blocks = (buffer + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
        buffer = blocks.pop();
        for (const block of blocks) {
          this.air?.postMessage(block);
          this.hear(block);
        }
      }
    } finally {
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
        this.tune();
        await this.catchUp();
        away = 0;
        this.on.connected(true);
        this.flush(true);
        this.heard = false;
        try {
          if (mute < 3 || mute % 20 === 0) await this.listen();
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
    this.air?.close();
    this.air = null;
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
          const { id, text, button, more } = head;
          const { seq } = await this.call(`/${conversation}/messages`, { body: text ? { id, text, ...(more && { more }) } : { id, button } });
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

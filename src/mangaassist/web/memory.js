// What the widget remembers between pages: its session, the place to resume from, messages that wait for their answer.

const MAX_PENDING = 8;
const MAX_PAST = 8;
const TITLE_CHARS = 60;
const NOTHING = { sessionId: null, lastSeq: 0, epoch: null, pending: [], handoff: false };

export class Memory {
  /** `scope` keeps two assistants on one site apart; `store` is a Storage, or null where the browser forbids one. */
  constructor(scope, store = browserStore("localStorage"), ownStore = browserStore("sessionStorage")) {
    this.key = `mangaassist:${scope}`;
    this.store = store;
    this.ownStore = ownStore;
    this.own = new Set();
    this.kept = { ...NOTHING, open: false, past: [] };
    this.load();
  }

  /** Calls `replaced()` when another tab began, or went back to, a conversation: it is this one's from now on. */
  watch(replaced, signal) {
    const heard = ({ key }) => {
      if (key !== this.key || !this.store) return;
      const before = this.kept.sessionId;
      const read = this.read();
      if (typeof read?.session_id !== "string" || read.session_id === before) return;
      const { open } = this.kept;
      this.load();
      this.kept.open = open;
      if (before) replaced();
    };
    window.addEventListener("storage", heard, { signal });
  }

  load() {
    const read = this.read();
    if (!read) return;
    this.kept = {
      sessionId: typeof read.session_id === "string" ? read.session_id : null,
      lastSeq: Number.isSafeInteger(read.last_seq) ? read.last_seq : 0,
      epoch: typeof read.epoch === "string" ? read.epoch : null,
      pending: waiting(read),
      handoff: read.handoff === true,
      open: read.open === true,
      past: conversations(read),
    };
  }

  /** What is stored, or null: a store that cannot be read, or holds something else, is an empty one. */
  read() {
    try {
      return JSON.parse(this.store?.getItem(this.key) ?? "null");
    } catch {
      return null;
    }
  }

  /** Messages without an answer, those of this shopper's other tabs included. */
  get pending() {
    const read = this.read();
    return read ? waiting(read) : this.kept.pending;
  }

  save(changes) {
    Object.assign(this.kept, { pending: this.pending }, changes);
    const { sessionId, lastSeq, epoch, pending, handoff, open, past } = this.kept;
    const kept = { session_id: sessionId, last_seq: lastSeq, epoch, pending, handoff, open, past };
    try {
      this.store?.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Full or forbidden: the conversation then lasts as long as the page.
    }
  }

  /** A message that was sent and has no receipt yet: it is sent again after a reconnect, under the same id (W-3). */
  await(message) {
    const { pending } = this;
    const at = pending.findIndex(({ id }) => id === message.id);
    pending.splice(at < 0 ? pending.length : at, 1, message);
    this.own.add(message.id);
    this.save({ pending: pending.slice(-MAX_PENDING) });
  }

  settle(...ids) {
    this.save({ pending: this.pending.filter(({ id }) => !ids.includes(id)) });
  }

  forget() {
    this.save(NOTHING);
  }

  /** What the shopper has begun to write, of this tab alone. */
  get draft() {
    try {
      return this.ownStore?.getItem(`${this.key}:draft`) ?? "";
    } catch {
      return "";
    }
  }

  set draft(text) {
    try {
      if (text) this.ownStore?.setItem(`${this.key}:draft`, text);
      else this.ownStore?.removeItem(`${this.key}:draft`);
    } catch {
      // Then it lasts as long as the page.
    }
  }

  /** Earlier conversations of this shopper's, the newest first; nobody else's are shown, and none of a customer's who went. */
  past(customer) {
    return this.kept.past.filter((each) => each.customer === customer && each.id !== this.kept.sessionId);
  }

  /** The conversation under way is left: it can be gone back to. */
  archive(title, customer) {
    const { sessionId: id } = this.kept;
    if (!id || !title) return;
    const others = this.kept.past.filter((each) => each.id !== id);
    this.save({ past: [{ id, title: [...title].slice(0, TITLE_CHARS).join(""), customer }, ...others].slice(0, MAX_PAST) });
  }

  /** Go on with an earlier one: what is known of its place is nothing. */
  reopen(sessionId) {
    this.save({ ...NOTHING, sessionId });
  }

  /**
   * The conversation is somebody else's: another tab of this shopper's signed in, mostly. What is stored is theirs from now on;
   * this page begins anew, takes along what was asked on it, and remembers that for itself alone.
   */
  part() {
    const { pending } = this;
    this.save({ pending: pending.filter(({ id }) => !this.own.has(id)) });
    this.store = null;
    this.save({ ...NOTHING, pending: pending.filter(({ id }) => this.own.has(id)) });
  }
}

function waiting(read) {
  return Array.isArray(read.pending) ? read.pending.filter(isPending).slice(-MAX_PENDING) : [];
}

function isPending(message) {
  return typeof message?.id === "string" && typeof message?.text === "string";
}

function conversations(read) {
  const told = Array.isArray(read.past) ? read.past : [];
  return told.filter((each) => typeof each?.id === "string" && typeof each.title === "string").slice(0, MAX_PAST);
}

function browserStore(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}

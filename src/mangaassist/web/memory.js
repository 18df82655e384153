// What the widget remembers between pages: its session, the place to resume from, messages that wait for their answer.

const MAX_PENDING = 8;

export class Memory {
  /** `scope` keeps two assistants on one site apart; `store` is a Storage, or null where the browser forbids one. */
  constructor(scope, store = browserStore()) {
    this.key = `mangaassist:${scope}`;
    this.store = store;
    this.kept = { sessionId: null, lastSeq: 0, pending: [], open: false };
    this.load();
  }

  load() {
    const read = this.read();
    if (!read) return;
    this.kept = {
      sessionId: typeof read.session_id === "string" ? read.session_id : null,
      lastSeq: Number.isSafeInteger(read.last_seq) ? read.last_seq : 0,
      pending: waiting(read),
      open: read.open === true,
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
    const { sessionId, lastSeq, pending, open } = this.kept;
    try {
      this.store?.setItem(this.key, JSON.stringify({ session_id: sessionId, last_seq: lastSeq, pending, open }));
    } catch {
      // Full or forbidden: the conversation then lasts as long as the page.
    }
  }

  /** A message that was sent and has no answer yet: it is sent again after a reconnect, under the same id (W-3). */
  await(message) {
    this.save({ pending: [...this.pending.filter(({ id }) => id !== message.id), message].slice(-MAX_PENDING) });
  }

  settle(id) {
    this.save({ pending: this.pending.filter((message) => message.id !== id) });
  }

  forget() {
    this.save({ sessionId: null, lastSeq: 0, pending: [] });
  }
}

function waiting(read) {
  return Array.isArray(read.pending) ? read.pending.filter(isPending).slice(-MAX_PENDING) : [];
}

function isPending(message) {
  return typeof message?.id === "string" && typeof message?.text === "string";
}

function browserStore() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

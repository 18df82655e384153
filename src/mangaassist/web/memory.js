// What the widget remembers between pages: its session, the place to resume from, messages that wait for their answer.

const MAX_PENDING = 8;
const NOTHING = { sessionId: null, lastSeq: 0, epoch: null, pending: [] };

export class Memory {
  /** `scope` keeps two assistants on one site apart; `store` is a Storage, or null where the browser forbids one. */
  constructor(scope, store = browserStore()) {
    this.key = `mangaassist:${scope}`;
    this.store = store;
    this.own = new Set();
    this.kept = { ...NOTHING, open: false };
    this.load();
  }

  load() {
    const read = this.read();
    if (!read) return;
    this.kept = {
      sessionId: typeof read.session_id === "string" ? read.session_id : null,
      lastSeq: Number.isSafeInteger(read.last_seq) ? read.last_seq : 0,
      epoch: typeof read.epoch === "string" ? read.epoch : null,
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
    const { sessionId, lastSeq, epoch, pending, open } = this.kept;
    const kept = { session_id: sessionId, last_seq: lastSeq, epoch, pending, open };
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

function browserStore() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

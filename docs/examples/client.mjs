// A whole client of the assistant's socket: it asks, follows answers as they are written, and survives a line that breaks.

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 20_000;
const MOST_TRIES = 10;

export class Conversation {
  /** `address` is wss://…/ws; `token` signs a customer in; `changed(answer)` hears of every change of an answer. */
  constructor(address, { token = null, changed = () => {} } = {}) {
    Object.assign(this, { address, token, changed });
    this.answers = new Map(); // by the id of the message
    this.place = null; // session, epoch and the number of the last frame
    this.failures = 0;
    this.connect();
  }

  /** Ask. Gives the answer, which grows while it is written; its promise `ended` is kept once it has its receipt. */
  ask(message, page_context) {
    const frame = { type: "message", id: crypto.randomUUID(), message, page_context };
    const answer = { frame, text: "", problem: null, receipt: false, tries: 1 };
    answer.ended = new Promise((resolve) => (answer.end = () => ((answer.receipt = true), resolve(answer))));
    this.answers.set(frame.id, clear(answer));
    if (this.asleep) this.connect();
    this.say(frame); // without a line it is said after the next greeting
    return answer;
  }

  stop() {
    this.say({ type: "stop" });
  }

  say(frame) {
    if (this.greeted && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  connect() {
    this.asleep = this.greeted = false;
    this.wait = null;
    const query = this.place ? `?${new URLSearchParams(this.place)}` : "";
    const protocols = ["mangaassist.v1", ...(this.token ? [`bearer.${this.token}`] : [])];
    const socket = (this.socket = new WebSocket(this.address + query, protocols));
    socket.onmessage = ({ data }) => this.hear(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.socket && this.closed(code);
  }

  close() {
    const { socket } = this;
    clearTimeout(this.retry);
    this.greeted = false;
    this.socket = null;
    socket.close();
  }

  closed(code) {
    this.greeted = false;
    if (code === 4408) this.asleep = true;
    if (code === 4401) this.token = null;
    if (code === 4403) this.place = null;
    const wait = this.wait ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures++);
    if (!this.asleep) this.retry = setTimeout(() => this.connect(), wait * (0.5 + Math.random()));
  }

  hear(frame) {
    if ("seq" in frame) {
      if (frame.seq <= this.place.last_seq) return; // it was heard before
      this.place.last_seq = frame.seq;
    }
    const answer = this.answers.get(frame.in_reply_to) ?? this.find(frame.response_id);
    HEARD[frame.type]?.call(this, frame, answer);
    if (answer) this.changed(answer);
  }

  /** What was not taken is said again under its id when its time has come, unless that was in vain too often. */
  sayAgain(answer, wait_s) {
    if (!wait_s || answer.tries++ >= MOST_TRIES) return false;
    setTimeout(() => answer.receipt || this.say(answer.frame), wait_s * 1000);
    return true;
  }

  find(response_id) {
    return response_id && [...this.answers.values()].find((answer) => answer.response_id === response_id);
  }

  /** Turns that a greeting or a gap tells of are receipts too. */
  told(turns) {
    for (const turn of turns) {
      const answer = this.answers.get(turn.in_reply_to);
      if (!answer || answer.receipt) continue;
      const { answer: text, products = [], actions = [], suggestions = [], problem = null } = turn;
      Object.assign(answer, { text, products, actions, suggestions, problem }).end();
      this.changed(answer);
    }
  }
}

function clear(answer) {
  return Object.assign(answer, { pieces: new Map(), text: "", products: [], actions: [], suggestions: [] });
}

function write(answer, seq, content) {
  answer.pieces.set(seq, content);
  answer.text = [...answer.pieces.values()].join("");
}

const HEARD = {
  session({ session_id, epoch, last_seq, resumed, recovered, turns }) {
    if (!this.place || !resumed || recovered) this.place = { session_id, epoch, last_seq }; // else a gap says where we are
    this.failures = 0;
    this.greeted = true;
    this.told(turns);
    for (const { frame, receipt } of this.answers.values()) if (!receipt) this.say(frame);
  },
  gap({ epoch, to_seq, turns }) {
    Object.assign(this.place, { epoch, last_seq: to_seq });
    this.told(turns);
  },
  drain({ reconnect_after_ms }) {
    this.wait = reconnect_after_ms;
  },
  start({ response_id }, answer) {
    if (answer && !answer.receipt) clear(answer).response_id = response_id;
  },
  token({ seq, content }, answer) {
    if (answer && !answer.receipt) write(answer, seq, content);
  },
  correction({ replace_seq, through_seq = replace_seq, content }, answer) {
    if (answer && !answer.receipt) for (let seq = replace_seq; seq <= through_seq; seq++) write(answer, seq, seq === replace_seq ? content : "");
  },
  products({ items }, answer) {
    if (answer) answer.products = items;
  },
  actions({ buttons }, answer) {
    if (answer) answer.actions = buttons;
  },
  suggestions({ items }, answer) {
    if (answer) answer.suggestions = items;
  },
  done({ metadata }, answer) {
    if (answer) Object.assign(answer, { metadata }).end();
  },
  failed({ problem }, answer) {
    if (answer) Object.assign(answer, { problem }).end();
  },
  error({ problem }, answer) {
    if (!answer || answer.receipt || this.sayAgain(answer, problem.retry_after_s)) return;
    Object.assign(answer, { problem }).end();
  },
};

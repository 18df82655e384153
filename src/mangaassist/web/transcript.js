// What the shopper should see, as data: frames in, a list of items out. No DOM here.

const NOTICES = {
  catalog: "I can't open the catalogue right now, so I'm answering without product cards.",
  pricing: "I can't confirm prices right now. Please check the product page.",
  inventory: "I can't see what's in stock right now.",
  reviews: "Ratings and reviews are missing right now.",
  recommendations: "Our recommendations are resting; I searched for matching titles instead.",
  profile: "I can't open your profile right now, so this answer isn't personal.",
  orders: "I couldn't load your order. A colleague can look it up for you.",
  shipping: "Tracking isn't available right now.",
  returns: "I can't look up returns right now. The returns centre can help.",
  promotions: "Current offers aren't available right now.",
  knowledge: "I can't look into our help pages right now.",
};
const UNHEARD_MS = 45_000;
const WHOLE = new Set(["done", "stopped", "failed"]);
const EARLIER = "Some earlier messages are not shown here.";
const WRONG = "Something went wrong. Please try again.";

/** One answer, as far as its frames have come. `pieces` maps the seq of a token to its text and whether it was corrected. */
export class Answer {
  constructor(responseId, inReplyTo = null) {
    this.kind = "answer";
    this.key = `answer:${responseId}`;
    this.responseId = responseId;
    this.inReplyTo = inReplyTo;
    this.attempt = 0; // grows whenever the answer begins, and begins again
    this.instant = false; // drawn from memory: nothing to animate
    this.heardAt = 0;
    this.clear();
  }

  /** W-12: nothing of what an earlier attempt said and showed is part of the answer. */
  clear() {
    this.pieces = new Map();
    this.products = [];
    this.buttons = [];
    this.suggestions = [];
    this.notices = [];
    this.metadata = null;
    this.state = "streaming"; // then "done", "stopped" or "failed"; "lost" when nothing is heard of it any more
    this.problem = ""; // why it failed
    this.askedAgain = false;
    this.corrections = 0;
  }

  get text() {
    return [...this.pieces.values()].map(({ text }) => text).join("");
  }

  get streaming() {
    return this.state === "streaming";
  }

  /** It has its receipt: nothing more comes. */
  get whole() {
    return WHOLE.has(this.state);
  }

  /** The ranges [from, to) of the text that a correction put there. */
  get corrected() {
    const ranges = [];
    let at = 0;
    for (const { text, corrected } of this.pieces.values()) {
      if (corrected && text) ranges.push([at, at + text.length]);
      at += text.length;
    }
    return ranges;
  }

  apply(frame) {
    if (this.state === "lost") this.state = "streaming";
    switch (frame.type) {
      case "start":
        this.clear();
        this.attempt += 1;
        break;
      case "token":
        this.pieces.set(frame.seq, { text: words(frame.content), corrected: false });
        break;
      case "correction":
        this.correct(frame);
        break;
      case "products":
        this.products = list(frame.items);
        break;
      case "actions":
        this.buttons = list(frame.buttons);
        break;
      case "suggestions":
        this.suggestions = suggested(frame.items);
        break;
      case "degraded":
        this.notices.push({ text: NOTICES[frame.service] ?? sentence(frame.fallback), asOf: words(frame.as_of) });
        break;
      case "done":
        this.metadata = frame.metadata ?? {};
        this.state = this.metadata.stopped ? "stopped" : "done";
        break;
      case "failed":
        this.fail(frame.problem);
        break;
    }
  }

  fail(problem) {
    this.state = "failed";
    this.problem = words(problem?.detail) || WRONG;
  }

  /** W-4: the text of tokens `replace_seq` through `through_seq` becomes `content`. */
  correct({ replace_seq: first, through_seq: last = first, content }) {
    this.corrections += 1;
    for (const seq of this.pieces.keys()) {
      if (seq < first || seq > (last ?? first)) continue;
      this.pieces.set(seq, { text: seq === first ? words(content) : "", corrected: true });
    }
  }
}

export class Transcript {
  /** `changed()` is called after every change of `items`; `now()` is milliseconds. */
  constructor(changed, now = () => performance.now()) {
    this.items = [];
    this.replayed = new Map();
    this.changed = changed;
    this.now = now;
    this.handoff = null;
    this.counter = 0;
  }

  get streaming() {
    return this.items.findLast((item) => item.kind === "answer" && item.streaming) ?? null;
  }

  /** A message of the shopper's own, before anybody has answered it. */
  say(id, text) {
    if (!this.find(`user:${id}`)) this.items.push(question(id, text));
    this.changed();
  }

  note(text) {
    const last = this.items.at(-1);
    if (last?.kind !== "note" || last.text !== text) this.append({ kind: "note", text });
  }

  clear() {
    this.items = [];
    this.replayed.clear();
    this.handoff = null;
    this.changed();
  }

  /** Something was said here, by whoever answers. */
  get begun() {
    return this.items.some(({ kind }) => kind === "answer" || kind === "agent");
  }

  /**
   * Bring what the server remembers into what is on the screen, in its order: what is there already stays as it is. Messages that
   * wait for an answer stay at the end; `more` says that the server remembers still older turns.
   */
  recall(turns, waiting = [], more = false) {
    const told = list(turns).filter((turn) => typeof turn?.response_id === "string");
    const first = told.map(({ response_id: id }) => this.find(`answer:${id}`)).find(Boolean);
    let at = first ? this.placeOf(first) : this.firstUnanswered();
    if (more && !first && told.length) this.items.splice(at++, 0, this.made({ kind: "note", text: EARLIER }));
    for (const turn of told) at = this.remember(turn, at);
    for (const { id, text } of waiting) if (!this.find(`user:${id}`)) this.items.push(question(id, text));
    this.changed();
  }

  /** Puts a turn where it belongs, at `at` when nothing of it is there; gives the place behind it. */
  remember(turn, at) {
    const answer = remembered(turn);
    const known = this.find(answer.key);
    this.replayed.delete(turn.response_id);
    if (known?.whole) return this.items.indexOf(known) + 1;
    const started = this.items.findIndex((item) => item === known || isCutOff(item, answer.inReplyTo));
    this.items = this.items.filter((item) => item !== known && !isCutOff(item, answer.inReplyTo));
    let asked = this.items.findIndex(({ key }) => key === `user:${answer.inReplyTo}`);
    if (asked < 0) {
      asked = started < 0 ? at : started;
      this.items.splice(asked, 0, question(answer.inReplyTo, words(turn.message)));
    }
    this.items[asked].problem = "";
    this.items.splice(asked + 1, 0, answer);
    return asked + 2;
  }

  /** Where an answer begins on the screen: at its question. */
  placeOf(answer) {
    const asked = this.items.findIndex(({ key }) => key === `user:${answer.inReplyTo}`);
    return asked < 0 ? this.items.indexOf(answer) : asked;
  }

  firstUnanswered() {
    const answered = new Set(this.items.filter(({ whole }) => whole).map(({ inReplyTo }) => inReplyTo));
    const at = this.items.findIndex(({ kind, id }) => kind === "user" && !answered.has(id));
    return at < 0 ? this.items.length : at;
  }

  /** Take a frame of the conversation, or an error, into account. `asked(id)` gives the text of a message sent elsewhere. */
  apply(frame, asked = () => null) {
    switch (frame.type) {
      case "start":
        this.begin(frame, asked);
        break;
      case "handoff":
        this.handOff(frame);
        break;
      case "message":
        this.append({ kind: "agent", name: words(frame.name) || "Store team", text: words(frame.content) });
        break;
      case "error":
        this.fail(frame);
        break;
      default:
        if (typeof frame.response_id === "string") this.feed(frame);
    }
    this.changed();
  }

  begin(frame, asked) {
    const known = this.find(`answer:${frame.response_id}`);
    const answer = known && !known.whole ? known : new Answer(frame.response_id, frame.in_reply_to);
    answer.heardAt = this.now();
    answer.apply(frame);
    if (known?.whole) this.replayed.set(frame.response_id, answer); // shown already: swapped in when it is whole again
    if (known) return;
    this.items = this.items.filter((item) => !isCutOff(item, frame.in_reply_to));
    const at = this.questionOf(frame.in_reply_to, asked);
    this.items.splice(at + 1, 0, answer);
  }

  /** Where the question stands to which an answer begins: after it goes the answer, even when others wait. */
  questionOf(id, asked) {
    const at = this.items.findIndex((item) => item.kind === "user" && item.id === id);
    if (at >= 0) {
      this.items[at].problem = "";
      return at;
    }
    const text = asked(id);
    if (text) this.items.push(question(id, text));
    return this.items.length - 1;
  }

  feed(frame) {
    const again = this.replayed.get(frame.response_id);
    const answer = again ?? this.answer(frame.response_id);
    if (answer.whole) return;
    answer.heardAt = this.now();
    answer.apply(frame);
    if (again?.whole) this.swapIn(again);
  }

  /** An answer that was told again takes the place of itself. The same words stay, so that nobody is told of them twice. */
  swapIn(again) {
    this.replayed.delete(again.responseId);
    const known = this.find(again.key);
    again.instant = true;
    again.attempt = known.attempt;
    again.askedAgain = known.askedAgain;
    if (again.text === known.text) {
      again.pieces = known.pieces;
      again.corrections = Math.max(again.corrections, known.corrections);
    }
    this.items[this.items.indexOf(known)] = again;
  }

  answer(responseId) {
    let answer = this.find(`answer:${responseId}`);
    if (!answer) {
      answer = new Answer(responseId); // its start fell into a gap
      this.items.push(answer);
    }
    return answer;
  }

  fail({ problem, in_reply_to: id }) {
    const detail = words(problem?.detail) || WRONG;
    const question = id ? this.find(`user:${id}`) : null;
    const answer = id && this.items.find((item) => item.kind === "answer" && item.inReplyTo === id && item.streaming);
    if (answer) answer.state = "lost";
    if (question) question.problem = detail;
    else this.note(detail);
  }

  handOff(frame) {
    this.handoff = frame.state === "left" ? null : { state: frame.state, position: frame.position, etaS: frame.eta_s };
    if (frame.state === "joined") this.note("A person from the store has joined.");
    if (frame.state === "left") this.note("The person from the store has left. I'm back.");
  }

  /** The line is up again: what was not heard while it was down is not held against the answers. */
  wait() {
    for (const item of this.items) if (item.streaming) item.heardAt = this.now();
  }

  /** An answer of which nothing was heard for too long is given up, until something is. */
  expire() {
    const silent = this.items.filter((item) => item.streaming && this.now() - item.heardAt > UNHEARD_MS);
    for (const answer of silent) answer.state = "lost";
    if (silent.length) this.changed();
  }

  append(item) {
    this.items.push(this.made(item));
    this.changed();
  }

  made(item) {
    this.counter += 1;
    return { key: `${item.kind}:${this.counter}`, ...item };
  }

  find(key) {
    return this.items.find((item) => item.key === key);
  }
}

function question(id, text) {
  return { kind: "user", key: `user:${id}`, id, text, problem: "" };
}

function suggested(items) {
  return list(items).filter((item) => typeof item === "string" && item);
}

function remembered(turn) {
  const answer = new Answer(turn.response_id, words(turn.in_reply_to) || `of:${turn.response_id}`);
  answer.pieces.set(0, { text: words(turn.answer), corrected: false });
  answer.products = list(turn.products);
  answer.buttons = list(turn.actions);
  answer.suggestions = suggested(turn.suggestions);
  answer.state = turn.stopped ? "stopped" : "done";
  if (turn.problem) answer.fail(turn.problem);
  answer.instant = true;
  return answer;
}

function isCutOff(item, questionId) {
  return item.kind === "answer" && item.inReplyTo === questionId && item.state !== "done" && item.state !== "stopped";
}

function words(value) {
  return typeof value === "string" ? value : "";
}

function list(value) {
  return Array.isArray(value) ? value : [];
}

function sentence(fallback) {
  const text = words(fallback) || "part of the store did not answer";
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

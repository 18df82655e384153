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

/** One answer, as far as its frames have come. `pieces` maps the seq of a token to its text and whether it was corrected. */
export class Answer {
  constructor(responseId, inReplyTo = null) {
    this.kind = "answer";
    this.key = `answer:${responseId}`;
    this.responseId = responseId;
    this.inReplyTo = inReplyTo;
    this.pieces = new Map();
    this.products = [];
    this.buttons = [];
    this.suggestions = [];
    this.notices = [];
    this.metadata = null;
    this.state = "streaming"; // then "done", "stopped" or "lost"
    this.instant = false; // drawn from memory: nothing to animate
    this.corrections = 0;
    this.heardAt = 0;
  }

  get text() {
    return [...this.pieces.values()].map(({ text }) => text).join("");
  }

  get streaming() {
    return this.state === "streaming";
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
    switch (frame.type) {
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
        this.suggestions = list(frame.items).filter((item) => typeof item === "string" && item);
        break;
      case "degraded":
        this.notices.push({ text: NOTICES[frame.service] ?? sentence(frame.fallback), asOf: words(frame.as_of) });
        break;
      case "done":
        this.metadata = frame.metadata ?? {};
        this.state = this.metadata.stopped ? "stopped" : "done";
        break;
    }
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
    if (!this.find(`user:${id}`)) this.items.push({ kind: "user", key: `user:${id}`, id, text, problem: "" });
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

  /** Draw the conversation again from what the server remembers; messages that wait for an answer stay at the end. */
  redraw(turns, waiting = []) {
    this.items = [];
    this.replayed.clear();
    for (const turn of list(turns)) {
      this.items.push({ kind: "user", key: `user-of:${turn.response_id}`, id: null, text: words(turn.message), problem: "" });
      this.items.push(remembered(turn));
    }
    for (const { id, text } of waiting) this.items.push({ kind: "user", key: `user:${id}`, id, text, problem: "" });
    this.changed();
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
    const answer = new Answer(frame.response_id, frame.in_reply_to);
    answer.heardAt = this.now();
    const known = this.find(answer.key);
    if (known && !known.streaming) {
      this.replayed.set(frame.response_id, answer); // shown already: swapped in when it is whole
      return;
    }
    this.items = this.items.filter((item) => item.key !== answer.key && !isCutOff(item, frame.in_reply_to));
    const question = this.questionOf(frame.in_reply_to, asked);
    this.items.splice(question + 1, 0, answer);
  }

  /** Where the question stands to which an answer begins: after it goes the answer, even when others wait. */
  questionOf(id, asked) {
    const at = this.items.findIndex((item) => item.kind === "user" && item.id === id);
    if (at >= 0) {
      this.items[at].problem = "";
      return at;
    }
    const text = asked(id);
    if (text) this.items.push({ kind: "user", key: `user:${id}`, id, text, problem: "" });
    return this.items.length - 1;
  }

  feed(frame) {
    const answer = this.replayed.get(frame.response_id) ?? this.answer(frame.response_id);
    answer.heardAt = this.now();
    answer.apply(frame);
    if (frame.type === "done" && this.replayed.delete(frame.response_id)) {
      answer.instant = true;
      this.items = this.items.map((item) => (item.key === answer.key ? answer : item));
    }
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
    const detail = words(problem?.detail) || "Something went wrong. Please try again.";
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

  /** Answers that nobody has said anything about for too long are over; true when there were any. */
  expire() {
    const silent = this.items.filter(
      (item) => item.kind === "answer" && item.streaming && this.now() - item.heardAt > UNHEARD_MS,
    );
    for (const answer of silent) answer.state = "lost";
    if (silent.length) this.changed();
    return silent;
  }

  append(item) {
    this.counter += 1;
    this.items.push({ key: `${item.kind}:${this.counter}`, ...item });
    this.changed();
  }

  find(key) {
    return this.items.find((item) => item.key === key);
  }
}

function remembered(turn) {
  const answer = new Answer(turn.response_id);
  answer.pieces.set(0, { text: words(turn.answer), corrected: false });
  answer.products = list(turn.products);
  answer.buttons = list(turn.actions);
  answer.state = turn.stopped ? "stopped" : "done";
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

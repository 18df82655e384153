// What the shopper should see, as data: frames in, a list of items out. No DOM here.

import { Answer, list, remembered, words } from "./answer.js";
import { say } from "./say.js";

const UNHEARD_MS = 45_000;
const RETOLD_MS = 5_000;
const UNDER_WAY = new Set(["requested", "joined"]);

export class Transcript {
  /**
   * `changed(answer)` is called after every change: with the one answer that grew, or with nothing when `items` are others;
   * `ended(answer)` once for each that came to its end before the shopper's eyes; `now()` is milliseconds.
   */
  constructor({ changed, ended = () => {}, now = () => performance.now() }) {
    this.items = [];
    this.replayed = new Map();
    this.changed = changed;
    this.ended = ended;
    this.now = now;
    this.handoff = null;
    this.retold = [];
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
    if (more && told.length && (!first || at === 0)) this.items.splice(at++, 0, this.made({ kind: "earlier", text: say("earlier") }));
    for (const turn of told) at = this.remember(turn, at);
    for (const { id, text } of waiting) if (!this.find(`user:${id}`)) this.items.push(question(id, text));
    this.changed();
  }

  /** Puts a turn where it belongs, at `at` when nothing of it is there; gives the place behind it. */
  remember(turn, at) {
    if (!turn.message && (turn.name || turn.handoff)) return this.rememberNote(turn, at);
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

  /** What a person wrote. A client that was told so may hear it again by its frame, right after. */
  rememberNote({ response_id: id, name, answer: text, handoff }, at) {
    const key = `agent:${id}`;
    if (handoff || !words(text) || this.find(key)) return at;
    this.items.splice(at, 0, { kind: "agent", key, name: words(name) || say("team"), text });
    this.retold.push({ text, at: this.now() });
    return at + 1;
  }

  wasRetold(text) {
    this.retold = this.retold.filter(({ at }) => this.now() - at < RETOLD_MS);
    const at = this.retold.findIndex((each) => each.text === text);
    return at >= 0 && this.retold.splice(at, 1).length > 0;
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

  /** All turns there are: what is not on the screen goes where the hole is. */
  fill(turns) {
    const at = this.items.findIndex(({ kind }) => kind === "earlier");
    const missing = list(turns).filter((turn) => typeof turn?.response_id === "string" && !this.find(`answer:${turn.response_id}`));
    if (at >= 0) this.items.splice(at, 1, ...missing.flatMap((turn) => pair(remembered(turn), turn)));
    this.changed();
  }

  /** Take a frame of the conversation, or an error, into account. `asked(id)` gives the text of a message sent elsewhere. */
  apply(frame, asked = () => null) {
    let grown = null;
    switch (frame.type) {
      case "start":
        this.begin(frame, asked);
        break;
      case "handoff":
        this.handOff(frame);
        break;
      case "message":
        this.write(frame);
        break;
      case "error":
        this.fail(frame);
        break;
      default:
        if (typeof frame.response_id === "string") grown = this.feed(frame);
    }
    this.changed(grown);
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

  /** An answer will come whole: until then somebody is seen to write. */
  expect(id) {
    if (this.find(`answer:expected:${id}`)) return;
    this.begin({ response_id: `expected:${id}`, in_reply_to: id, type: "start" }, () => null);
    this.changed();
  }

  unexpect(id) {
    this.items = this.items.filter(({ key }) => key !== `answer:expected:${id}`);
    this.changed();
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

  /** Gives the answer, when nothing but its own looks changed. */
  feed(frame) {
    const again = this.replayed.get(frame.response_id);
    const known = again ?? this.find(`answer:${frame.response_id}`);
    const answer = known ?? this.answer(frame.response_id);
    if (answer.whole) return answer;
    answer.heardAt = this.now();
    answer.apply(frame);
    if (again?.whole) this.swapIn(again);
    else if (answer.whole && !again) this.ended(answer);
    return known && !again && !answer.whole ? answer : null;
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
    const detail = words(problem?.detail) || say("wrong");
    const question = id ? this.find(`user:${id}`) : null;
    const answer = id && this.items.find((item) => item.kind === "answer" && item.inReplyTo === id && item.streaming);
    if (answer?.key === `answer:expected:${id}`) this.items.splice(this.items.indexOf(answer), 1);
    else if (answer) answer.state = "lost";
    if (question) question.problem = detail;
    else this.note(detail);
  }

  /** a person is asked for, comes and goes. What is none of these states ends it. */
  handOff(frame) {
    const before = this.handoff?.state ?? null;
    this.stand(frame);
    const { state, name } = frame;
    if (state === before) return;
    if (state === "requested") this.note(say(this.handoff.opensAt ? "closedNow" : "calling", { when: this.handoff.opensAt }));
    else if (state === "joined") this.note(words(name) ? say("joinedName", { name }) : say("joined"));
    else if (before) this.note(say(before === "joined" ? "left" : "cancelled"));
  }

  /** How it stands with a person, where one was asked for. */
  stand({ ticket_id: ticket, state, position, eta_s: etaS, opens_at: opens, name } = {}) {
    this.handoff = UNDER_WAY.has(state) ? { ticket, state, position, etaS, opensAt: momentOf(opens), name: words(name) } : null;
  }

  /** The person writes. Their name is known from then on. */
  write({ name, content }) {
    const who = words(name) || say("team");
    if (this.handoff?.state === "joined") this.handoff.name = who;
    if (!this.wasRetold(words(content))) this.append({ kind: "agent", name: who, text: words(content) });
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
    return this.items.findLast((item) => item.key === key); // what is spoken of is mostly near the end
  }
}

function question(id, text) {
  return { kind: "user", key: `user:${id}`, id, text, problem: "" };
}

/** A moment as people say it, in the page's language; "" for what is none. */
function momentOf(text) {
  const moment = new Date(text ?? "");
  return Number.isNaN(moment.getTime()) ? "" : moment.toLocaleString(say("locale"), { weekday: "long", hour: "numeric", minute: "2-digit" });
}

function pair(answer, turn) {
  return [question(answer.inReplyTo, words(turn.message)), answer];
}

function isCutOff(item, questionId) {
  return item.kind === "answer" && item.inReplyTo === questionId && item.state !== "done" && item.state !== "stopped";
}

// One answer as data: frames in, the text and what goes with it out. No DOM here.

import { say } from "./say.js";

const WHOLE = new Set(["done", "stopped", "failed"]);

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

  /** Nothing to be seen of it: a person answers, or it was stopped before its first word. */
  get silent() {
    return this.state === "done" && !this.text.trim() && !this.products.length && !this.buttons.length;
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
        this.notices.push({ service: words(frame.service), fallback: words(frame.fallback), asOf: words(frame.as_of) });
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
    this.problem = words(problem?.detail) || say("wrong");
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

/** An answer as a turn remembers it. */
export function remembered(turn) {
  const answer = new Answer(turn.response_id, words(turn.in_reply_to) || `of:${turn.response_id}`);
  answer.pieces.set(0, { text: words(turn.answer), corrected: false });
  answer.products = list(turn.products);
  answer.buttons = list(turn.actions);
  answer.suggestions = suggested(turn.suggestions);
  answer.metadata = { sources: list(turn.sources) };
  answer.state = turn.stopped ? "stopped" : "done";
  if (turn.problem) answer.fail(turn.problem);
  answer.instant = true;
  return answer;
}

function suggested(items) {
  return list(items).filter((item) => typeof item === "string" && item);
}

export function words(value) {
  return typeof value === "string" ? value : "";
}

export function list(value) {
  return Array.isArray(value) ? value : [];
}

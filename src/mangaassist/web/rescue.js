// When the socket does not open: messages are asked by plain requests, each once, until the line is there.

import { list, words } from "./answer.js";

const LATER = new Set([0, 409, 503, 504]);

export class Rescue {
  /** `page()` is where the shopper is; `open()` says whether there is a line; `changed()` hears why there is none. */
  constructor({ rest, memory, transcript, page, open, changed }) {
    Object.assign(this, { rest, memory, transcript, page, open, changed });
    this.running = false;
    this.why = null; // there is no line: "offline", "away", "refused" or "blocked"
  }

  /** The line has not opened: find out why, say it, and go the other way where there is one. */
  async stuck() {
    const why = await this.rest.diagnose();
    if (this.open()) return;
    if (why === "refused" && this.why !== why) {
      console.error(`MangaAssist: ${this.rest.assistant} takes nothing from ${window.location.origin}. Name this origin in its settings: [server] allowed_origins.`);
    }
    this.why = why;
    this.changed();
    for (const { id, text } of this.memory.pending) this.transcript.say(id, text);
    if (why === "blocked") await this.run();
  }

  /** Settle what waits, in its order. What cannot be settled now is tried again by whoever calls again. */
  async run() {
    if (this.running) return;
    this.running = true;
    try {
      while (await this.next());
    } finally {
      this.running = false;
    }
  }

  async next() {
    // With a line, only what was begun here is brought to its end here: the line knows it under no name.
    const message = this.memory.pending.find(({ rest }) => rest || !this.open());
    if (!message) return false;
    return message.sent ? this.lookUp(message) : this.ask(message);
  }

  async ask(message) {
    if (!message.rest) this.memory.await({ ...message, rest: true });
    this.transcript.expect(message.id);
    const { status, body } = await this.rest.message(message, this.memory.kept.sessionId, this.page());
    if (LATER.has(status)) {
      this.transcript.unexpect(message.id);
      return false;
    }
    this.memory.settle(message.id);
    if (status !== 200) this.transcript.apply({ type: "error", problem: body, in_reply_to: message.id });
    else this.take(message, body);
    return true;
  }

  take(message, body) {
    if (!this.memory.kept.sessionId) this.memory.save({ sessionId: body.session_id });
    const turn = {
      response_id: words(body.response_id),
      in_reply_to: message.id,
      message: message.text,
      answer: words(body.response_text),
      products: list(body.products),
      actions: list(body.actions),
      suggestions: list(body.follow_up_suggestions),
      sources: list(body.metadata?.sources),
    };
    this.transcript.recall([turn]);
    const answer = this.transcript.find(`answer:${turn.response_id}`);
    if (answer) this.transcript.ended(answer);
  }

  /** It went out by a line that is gone: its answer is among the turns, or will be. */
  async lookUp(message) {
    const { status, body } = await this.rest.turns(this.memory.kept.sessionId ?? "");
    const turn = status === 200 && list(body.turns).find(({ in_reply_to: id }) => id === message.id);
    if (!turn) return false;
    this.memory.settle(message.id);
    this.transcript.recall([turn]);
    return true;
  }
}

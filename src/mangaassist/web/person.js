// A person from the store: asked for once, whatever is pressed how often, and let go again.

import { words } from "./answer.js";
import { say } from "./say.js";

const MOST_REASON = 500;

export class Person {
  /** `ask(text)` says something in the chat; `pin(pinned)` has the next page hear all again from here on. */
  constructor({ rest, memory, transcript, ask, pin }) {
    Object.assign(this, { rest, memory, transcript, ask, pin });
    this.calling = false;
  }

  /** Where there is nothing to hand over yet, asking for a person is what is said first. */
  async call() {
    const { transcript } = this;
    if (transcript.handoff) return transcript.note(say("alreadyCalled"));
    if (this.calling) return undefined;
    const { sessionId } = this.memory.kept;
    if (!sessionId || !transcript.begun) return this.ask(say("callPerson"));
    this.calling = true;
    const { status, body } = await this.rest.escalate(sessionId, this.reason());
    this.calling = false;
    if (status !== 200) return transcript.note(words(body?.detail) || say("callFailed"));
    return this.stand(body);
  }

  async leaveLine() {
    const { status, body } = await this.rest.leaveLine(this.memory.kept.sessionId);
    if (status !== 200) return this.transcript.note(words(body?.detail) || say("wrong"));
    return this.stand(body);
  }

  /** What the frames will tell too, unless they have. */
  stand(ticket) {
    const { transcript } = this;
    if (transcript.handoff?.state !== ticket.state) transcript.apply({ ...ticket, type: "handoff" });
    this.pin(transcript.handoff !== null);
  }

  /** What it is about, in the shopper's last words. */
  reason() {
    return this.transcript.items.findLast(({ kind }) => kind === "user")?.text.slice(0, MOST_REASON) ?? say("callPerson");
  }
}

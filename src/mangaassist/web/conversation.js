// The conversation in the panel: what the shopper does, what the page says, what the server says, brought together.

import { words } from "./answer.js";
import { Shop } from "./cards.js";
import { dialer } from "./dial.js";
import { safeUrl } from "./dom.js";
import { Memory } from "./memory.js";
import { currentToken, pageContext } from "./page.js";
import { Person } from "./person.js";
import { Rescue } from "./rescue.js";
import { Rest } from "./rest.js";
import { say, speak } from "./say.js";
import { Line } from "./socket.js";
import { dress } from "./styles.js";
import { Transcript } from "./transcript.js";
import { PanelView } from "./view.js";

const TYPING_EVERY_MS = 4_000;
const WATCH_EVERY_MS = 5_000;
const TONES = { off: "quiet", asleep: "quiet", connecting: "quiet", open: "good", waiting: "busy" };
const STATES = { off: "ready", asleep: "ready" };

/** `host` is the element: `assistant`, `texts`, `language`, `shadowRoot`, `close()`, `mark()`. */
export async function begin(host) {
  await speak(host.language, host.texts);
  return new Conversation(host);
}

class Conversation {
  constructor(host) {
    this.host = host;
    this.ending = new AbortController();
    this.customer = "guest";
    const { assistant } = host;
    const memory = (this.memory = new Memory(assistant));
    this.rest = new Rest({ assistant, token: currentToken });
    this.transcript = new Transcript({ changed: (answer) => this.refresh(answer), ended: (answer) => this.ended(answer) });
    this.view = new PanelView({ does: this.deeds(), shop: this.shop(), draft: { get: () => memory.draft, set: (text) => (memory.draft = text) }, title: host.dataset.title || say("title") });
    dress(host.shadowRoot);
    this.line = new Line({
      assistant,
      dial: dialer(host.dataset.line),
      memory,
      token: currentToken,
      heard: (frame) => this.hear(frame),
      changed: (state) => this.lineChanged(state),
      revoked: () => this.parted(),
      stuck: () => this.rescue.stuck(),
    });
    this.rescue = new Rescue({ rest: this.rest, memory, transcript: this.transcript, page: pageContext, open: () => this.line.open, changed: () => this.showState() });
    this.person = new Person({ rest: this.rest, memory, transcript: this.transcript, ask: (text) => this.ask(text), pin: (pinned) => this.line.pin(pinned) });
    this.listen();
    this.welcome();
    this.refresh();
    this.showState();
    this.showPast();
    if (memory.pending.length) this.line.wake();
  }

  shop() {
    return new Shop({
      base: safeUrl(this.host.dataset.store, document.baseURI) ?? document.baseURI,
      inCart: (asin) => pageContext()?.cart_asins?.includes(asin) ?? false,
      ask: (text) => this.ask(text),
      callPerson: () => this.person.call(),
      note: (text) => this.transcript.note(text),
      used: (event) => this.line.say({ type: "event", ...event }),
    });
  }

  deeds() {
    return {
      send: (text) => this.ask(text),
      stop: () => this.stop(),
      retry: (item) => this.retry(item),
      again: (answer) => this.askAgain(answer),
      rate: (answer, thumb, comment) => this.rate(answer, thumb, comment),
      fresh: () => this.startAfresh(),
      reopen: (id) => this.reopen(id),
      callPerson: () => this.person.call(),
      leaveLine: () => this.person.leaveLine(),
      earlier: () => this.tellEarlier(),
      close: () => this.host.close(),
      typing: () => this.tellTyping(),
    };
  }

  listen() {
    const { signal } = this.ending;
    this.line.listen(signal);
    this.memory.watch(() => this.follow(), signal);
    window.addEventListener("offline", () => this.offline(), { signal });
    this.host.shadowRoot.addEventListener("focusin", ({ target }) => (this.view.focused = target), { signal });
    this.watch = setInterval(() => this.line.open && this.transcript.expire(), WATCH_EVERY_MS);
  }

  end() {
    this.ending.abort();
    clearInterval(this.watch);
    this.line.end();
  }

  // ---- open and closed

  opened({ focus }) {
    this.memory.save({ open: true });
    this.line.wake();
    this.view.composer.measure();
    this.view.follow();
    if (focus) this.view.focus();
  }

  closed() {
    this.memory.save({ open: false });
  }

  // ---- what the shopper does

  ask(text) {
    const message = { id: freshId(), text };
    this.memory.await(message);
    this.view.following = true;
    this.transcript.say(message.id, text);
    if (!this.deliver(message)) this.needLine();
  }

  /** There is something to say and no line: be connected, and if that is known not to work, go the other way at once. */
  needLine() {
    this.line.wake();
    if (this.rescue.why) this.rescue.stuck();
  }

  deliver(message) {
    const { id, text, stopped } = message;
    const page = pageContext();
    const sent = this.line.say({ type: "message", id, message: text, ...(page && { page_context: page }) });
    if (sent && !message.sent) this.memory.await({ ...message, sent: true });
    if (stopped) this.line.say({ type: "stop", id });
    return sent;
  }

  /** Ends the answer that is being written, also when the line is down just now. */
  stop() {
    const id = this.transcript.streaming?.inReplyTo;
    const message = this.memory.pending.find((waiting) => waiting.id === id);
    if (message) this.memory.await({ ...message, stopped: true });
    this.line.say({ type: "stop", ...(id && { id }) });
  }

  retry(item) {
    const message = { id: item.id ?? freshId(), text: item.text };
    item.problem = "";
    this.memory.await(message);
    this.refresh();
    if (!this.deliver(message)) this.needLine();
  }

  /** An answer failed: the question is another message now, under an id of its own. */
  askAgain(answer) {
    const asked = this.transcript.find(`user:${answer.inReplyTo}`);
    if (!asked) return;
    answer.askedAgain = true;
    this.view.showAnswer(answer);
    this.ask(asked.text);
    this.view.focus();
  }

  async rate(answer, thumb, comment) {
    const { status } = await this.rest.rate(this.memory.kept.sessionId, answer.responseId, thumb, comment);
    return status >= 200 && status < 300;
  }

  startAfresh() {
    this.archive();
    this.transcript.clear();
    this.line.renew();
    this.showPast();
    this.view.focus();
  }

  reopen(id) {
    this.archive();
    this.memory.reopen(id);
    this.follow();
    this.view.focus();
  }

  archive() {
    const first = this.transcript.items.find(({ kind }) => kind === "user");
    if (first) this.memory.archive(first.text, this.customer);
  }

  /** The memory names another conversation: of the shopper's choice, here or in another tab. */
  follow() {
    this.transcript.clear();
    this.line.leap();
    this.showPast();
  }

  async tellEarlier() {
    const { status, body } = await this.rest.turns(this.memory.kept.sessionId);
    if (status !== 200) return;
    this.view.following = false;
    this.transcript.fill(body.turns);
  }

  tellTyping() {
    const now = performance.now();
    if (now - (this.typedAt ?? -Infinity) < TYPING_EVERY_MS) return;
    this.typedAt = now;
    this.line.say({ type: "typing" });
  }

  // ---- what the page says

  moved() {
    const page = pageContext();
    if (page) this.line.say({ type: "context", page_context: page });
    this.line.authenticate();
    this.view.showCarts();
    this.welcome();
    this.refresh();
  }

  signedIn() {
    this.line.authenticate();
  }

  // ---- what the server says

  hear(frame) {
    this.settle(frame);
    if (frame.type === "session") this.greeted(frame);
    else if (frame.type === "gap") this.transcript.recall(frame.turns, this.memory.pending, frame.more === true);
    else if (frame.type === "drain") this.showState("waiting");
    else if (frame.type === "typing") this.view.header.theyType(this.transcript.handoff?.name);
    else if (frame.type === "error" && frame.problem?.code === "token_expiring") this.renewToken();
    else this.transcript.apply(frame, (id) => this.questionElsewhere(id));
    if (frame.type === "message") this.personWrote();
  }

  greeted(session) {
    const { pending } = this.memory;
    this.customer = words(session.customer) || "guest";
    // A session that could not be resumed is another conversation: what is on the screen is not part of it (W-2).
    if (!session.resumed && this.transcript.begun) this.transcript.clear();
    if (!this.transcript.begun) this.transcript.recall(session.turns, pending, isCut(session));
    if (session.handoff) this.transcript.stand(session.handoff);
    this.transcript.wait();
    this.line.authenticate(); // the shopper may have signed in while the line was being made
    for (const message of pending) if (!message.rest) this.deliver(message); // W-3: what was taken already is not answered twice
    if (pending.some(({ rest }) => rest)) this.rescue.run();
    const page = pageContext();
    if (page && !pending.length) this.line.say({ type: "context", page_context: page });
    this.showPast();
  }

  /** Messages leave the waiting list with their receipt: the answer is whole, or failed, or is remembered; or they were refused. */
  settle(frame) {
    if (frame.type === "error" && frame.in_reply_to) this.memory.settle(frame.in_reply_to);
    if (Array.isArray(frame.turns)) this.memory.settle(...frame.turns.map((turn) => turn?.in_reply_to));
    if (frame.type !== "done" && frame.type !== "failed") return;
    const answer = this.transcript.find(`answer:${frame.response_id}`);
    if (answer?.inReplyTo) this.memory.settle(answer.inReplyTo);
  }

  /** An answer is whole: who does not see it hears it, once. */
  ended(answer) {
    if (answer.silent) return;
    const books = answer.products.length ? say("cardsSpoken", { count: answer.products.length }) : "";
    this.view.announce([answer.problem || answer.text, books].filter(Boolean).join(" "));
    this.host.mark();
  }

  personWrote() {
    this.view.header.theyWrote();
    this.host.mark();
  }

  /** W-2: another shopper's now. What was asked here and has no answer moves along. */
  parted() {
    this.transcript.clear();
    this.transcript.note(say("parted"));
    for (const { id, text } of this.memory.pending) this.transcript.say(id, text);
  }

  /** A message that another tab of this shopper sent. */
  questionElsewhere(id) {
    return this.memory.pending.find((message) => message.id === id)?.text ?? null;
  }

  renewToken() {
    document.dispatchEvent(new CustomEvent("mangaassist:token-expiring"));
    this.line.authenticate();
  }

  // ---- the line, and what there is without it

  lineChanged(state) {
    if (state === "open" || state === "asleep") this.rescue.why = null;
    this.showState();
  }

  offline() {
    if (this.line.state === "connecting" || this.line.state === "waiting") this.rescue.stuck();
  }

  // ---- the screen

  welcome() {
    const ideas = pageContext()?.current_asin ? "pageIdea" : "idea";
    const asked = [1, 2, 3].map((n) => say(ideas + n)).filter(Boolean);
    this.view.showWelcome(this.host.dataset.greeting || say("welcome"), asked);
  }

  refresh(answer) {
    if (!this.view) return;
    if (answer) this.view.showAnswer(answer);
    else this.view.show(this.transcript);
  }

  showPast() {
    this.view.header.showPast(this.memory.past(this.customer));
  }

  showState(state = this.line.state) {
    const { why } = this.rescue;
    if (state !== "open" && why && why !== "blocked") this.view.header.showState("busy", say(why));
    else if (why === "blocked") this.view.header.showState("good", say("open"));
    else this.view.header.showState(TONES[state], say(STATES[state] ?? state));
  }
}

/** What fits into a frame came, and it is nearly full: there may be more. */
function isCut({ turns, summary }) {
  return Array.isArray(turns) && turns.length > 0 && (Boolean(summary) || JSON.stringify(turns).length > 16_000);
}

/** A page served without TLS from another machine has no `randomUUID`. */
function freshId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The assistant on a shop's page: <script type="module" src="{assistant}/widget/widget.js" data-assistant="{assistant}">.
//
// The page may publish `window.mangaassist = {token, page}` and dispatch on document:
//   mangaassist:context   the shopper went on or the cart changed (`detail` or window.mangaassist.page)
//   mangaassist:sign-in   the token changed (`detail.token` or window.mangaassist.token)
//   mangaassist:open      open the panel, with `detail.message` to ask something at once
// It hears `mangaassist:add-to-cart` {asin} and `mangaassist:token-expiring`.

import { Shop } from "./cards.js";
import { el, icon, safeUrl } from "./dom.js";
import { Memory } from "./memory.js";
import { currentToken, pageContext } from "./page.js";
import { Line } from "./socket.js";
import { dress } from "./styles.js";
import { Transcript } from "./transcript.js";
import { PanelView } from "./view.js";

const TYPING_EVERY_MS = 4_000;
const WATCH_EVERY_MS = 5_000;
const WELCOME = "Hello! I know every shelf of this shop. Ask me for a series, a volume, an order or how things work here.";
const PARTED = "This conversation now belongs to somebody who signed in. You are in a new one.";
const IDEAS = ["Recommend something like Vinland Saga", "Where is my order?", "What's on sale?"];
const PAGE_IDEAS = ["Is this one in stock?", "What should I read after this?", "What do readers say about it?"];

const STATES = {
  off: ["quiet", "Ready"],
  asleep: ["quiet", "Ready"],
  connecting: ["quiet", "Connecting…"],
  open: ["good", "Here to help"],
  waiting: ["busy", "Reconnecting…"],
};

class MangaAssist extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.assistant = safeUrl(this.dataset.assistant, window.location.href)?.replace(/\/+$/, "") ?? "";
    this.memory = new Memory(this.assistant);
    this.transcript = new Transcript(() => this.view && this.refresh());
    const shop = new Shop({
      base: safeUrl(this.dataset.store, window.location.href) ?? window.location.href,
      inCart: (asin) => pageContext()?.cart_asins?.includes(asin) ?? false,
      ask: (text) => this.ask(text),
      used: (event) => this.line.say({ type: "event", ...event }),
    });
    this.view = new PanelView(this.deeds(), shop);
    this.build();
    this.line = new Line({
      assistant: this.assistant,
      memory: this.memory,
      token: currentToken,
      heard: (frame) => this.hear(frame),
      changed: (state) => this.showState(state),
      revoked: () => this.parted(),
    });
    this.listen();
    this.welcome();
    this.refresh();
    this.showState("off");
    if (!sheet() && ("open" in this.dataset || this.memory.kept.open)) this.open({ focus: false });
    else if (this.memory.pending.length) this.line.wake();
  }

  build() {
    const root = this.attachShadow({ mode: "open" });
    dress(root);
    this.badge = el("span.badge", { hidden: true });
    this.launcher = el(
      "button.launcher",
      { type: "button", "aria-label": "Ask the manga assistant", "aria-expanded": "false", "aria-controls": "panel", onclick: () => this.open() },
      icon("bubble"),
      el("span.label", { textContent: "Ask" }),
      this.badge,
    );
    this.view.node.hidden = true;
    root.append(el("div.root", {}, this.view.node, this.launcher));
  }

  deeds() {
    return {
      send: (text) => this.ask(text),
      stop: () => this.stop(),
      retry: (item) => this.retry(item),
      again: (answer) => this.askAgain(answer),
      fresh: () => this.startAfresh(),
      close: () => this.close(),
      typing: () => this.tellTyping(),
    };
  }

  listen() {
    document.addEventListener("mangaassist:context", (event) => this.moved(event.detail));
    document.addEventListener("mangaassist:sign-in", (event) => this.signedIn(event.detail));
    document.addEventListener("mangaassist:open", (event) => {
      this.open();
      if (typeof event.detail?.message === "string") this.ask(event.detail.message.slice(0, 2000));
    });
    this.shadowRoot.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
      if (event.key === "Tab" && sheet()) this.keepFocus(event);
    });
    this.watch = setInterval(() => this.line.open && this.transcript.expire(), WATCH_EVERY_MS);
  }

  disconnectedCallback() {
    clearInterval(this.watch);
    this.line?.hangUp();
  }

  // ---- open and closed

  open({ focus = true } = {}) {
    this.view.node.hidden = false;
    this.launcher.hidden = true;
    this.badge.hidden = true;
    this.launcher.setAttribute("aria-expanded", "true");
    this.view.node.setAttribute("aria-modal", String(sheet()));
    this.memory.save({ open: true });
    this.line.wake();
    this.view.measure();
    this.view.follow();
    if (focus) this.view.focus();
  }

  close() {
    this.view.node.hidden = true;
    this.launcher.hidden = false;
    this.launcher.setAttribute("aria-expanded", "false");
    this.memory.save({ open: false });
    this.launcher.focus({ preventScroll: true });
  }

  /** On a small screen the panel covers the page: the keyboard stays inside it. */
  keepFocus(event) {
    const stops = [...this.view.node.querySelectorAll("button, a[href], textarea, summary, [tabindex='0']")].filter(
      (stop) => !stop.disabled && stop.offsetParent !== null,
    );
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (this.shadowRoot.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }

  // ---- what the shopper does

  ask(text) {
    const message = { id: freshId(), text };
    this.memory.await(message);
    this.view.following = true;
    this.transcript.say(message.id, text);
    if (!this.deliver(message)) this.line.wake();
  }

  deliver({ id, text, stopped }) {
    const page = pageContext();
    const sent = this.line.say({ type: "message", id, message: text, ...(page && { page_context: page }) });
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
    if (!this.deliver(message)) this.line.wake();
  }

  /** An answer failed: the question is another message now, under an id of its own. */
  askAgain(answer) {
    const asked = this.transcript.find(`user:${answer.inReplyTo}`);
    if (!asked) return;
    answer.askedAgain = true;
    this.ask(asked.text);
    this.view.focus();
  }

  startAfresh() {
    this.transcript.clear();
    this.line.renew();
    this.view.focus();
  }

  tellTyping() {
    const now = performance.now();
    if (now - (this.typedAt ?? -Infinity) < TYPING_EVERY_MS) return;
    this.typedAt = now;
    this.line?.say({ type: "typing" });
  }

  // ---- what the page says

  moved(detail) {
    if (detail && typeof detail === "object") {
      window.mangaassist = { ...window.mangaassist, page: detail.page ?? detail };
    }
    const page = pageContext();
    if (page) this.line.say({ type: "context", page_context: page });
    this.line.authenticate();
    this.view.showCarts();
    this.welcome();
    this.refresh();
  }

  signedIn(detail) {
    if (detail && "token" in detail) window.mangaassist = { ...window.mangaassist, token: detail.token };
    this.line.authenticate();
  }

  // ---- what the server says

  hear(frame) {
    this.settle(frame);
    if (frame.type === "session") this.greeted(frame);
    else if (frame.type === "gap") this.transcript.recall(frame.turns, this.memory.pending, frame.more === true);
    else if (frame.type === "drain") this.showState("waiting");
    else if (frame.type === "error" && frame.problem?.code === "token_expiring") this.renewToken();
    else this.transcript.apply(frame, (id) => this.questionElsewhere(id));
  }

  greeted(session) {
    const { pending } = this.memory;
    // A session that could not be resumed is another conversation: what is on the screen is not part of it (W-2).
    if (!session.resumed && this.transcript.begun) this.transcript.clear();
    if (!this.transcript.begun) this.transcript.recall(session.turns, pending);
    this.transcript.wait();
    this.line.authenticate(); // the shopper may have signed in while the line was being made
    for (const message of pending) this.deliver(message); // W-3: what was taken already is not answered twice
    const page = pageContext();
    if (page && !pending.length) this.line.say({ type: "context", page_context: page });
  }

  /** Messages leave the waiting list with their receipt: the answer is whole, or failed, or is remembered; or they were refused. */
  settle(frame) {
    if (frame.type === "error" && frame.in_reply_to) this.memory.settle(frame.in_reply_to);
    if (Array.isArray(frame.turns)) this.memory.settle(...frame.turns.map((turn) => turn?.in_reply_to));
    if (frame.type !== "done" && frame.type !== "failed") return;
    const answer = this.transcript.find(`answer:${frame.response_id}`);
    if (answer?.inReplyTo) this.memory.settle(answer.inReplyTo);
    if (this.view.node.hidden) this.badge.hidden = false;
  }

  /** W-2: another shopper's now. What was asked here and has no answer moves along. */
  parted() {
    this.transcript.clear();
    this.transcript.note(PARTED);
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

  // ---- the screen

  welcome() {
    this.view.showWelcome(WELCOME, pageContext()?.current_asin ? PAGE_IDEAS : IDEAS);
  }

  refresh() {
    this.view.show(this.transcript);
    this.view.node.classList.toggle("fresh", this.transcript.items.every(({ kind }) => kind === "note"));
    if (this.line) this.showState(this.line.state);
  }

  showState(state) {
    const [tone, text] = STATES[state];
    this.view.showState(tone, state === "open" && this.transcript.handoff ? inLine(this.transcript.handoff) : text);
  }
}

function inLine({ state, position, etaS }) {
  if (state === "joined") return "A person is here";
  const place = Number.isInteger(position) ? ` · number ${position} in line` : "";
  const wait = Number.isFinite(etaS) ? ` · about ${Math.max(1, Math.round(etaS / 60))} min` : "";
  return `Calling a person${place}${wait}`;
}

/** A page served without TLS from another machine has no `randomUUID`. */
function freshId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sheet() {
  return window.matchMedia("(max-width: 520px)").matches;
}

/** Put the widget on the page once, configured by the script tag that loaded this module. */
function mount() {
  const here = import.meta.url;
  const script = [...document.scripts].find(({ src }) => src === here);
  const widget = document.createElement("manga-assist");
  Object.assign(widget.dataset, { assistant: new URL(here).origin }, script?.dataset);
  document.body.append(widget);
}

if (!customElements.get("manga-assist")) {
  customElements.define("manga-assist", MangaAssist);
  mount();
}

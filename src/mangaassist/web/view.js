// The panel: the log of the conversation and its follow-up questions, between header and composer.

import { AnswerView } from "./answer-view.js";
import { showCart } from "./cards.js";
import { Composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { Header } from "./header.js";
import { say } from "./say.js";

const NEAR_BOTTOM_PX = 60;
const ABOVE_PX = 14;
const SPOKEN_MOST = 4000;
const SPOKEN_FOR_MS = 3_000;

export class PanelView {
  /**
   * `does` is what the shopper can ask for: `send(text)`, `stop()`, `retry(item)`, `again(answer)`, `rate(answer, thumb, comment)`,
   * `fresh()`, `reopen(id)`, `callPerson()`, `leaveLine()`, `earlier()`, `close()`, `typing()`.
   */
  constructor({ does, shop, draft, title }) {
    this.does = does;
    this.shop = shop;
    this.parts = new Map();
    this.following = true;
    this.header = new Header(does, title);
    this.composer = new Composer(does, draft);
    this.makeLog();
    this.announcer = el("div.spoken", { role: "status" });
    this.node = el(
      "dialog.panel",
      { "aria-labelledby": "title", id: "panel" },
      this.header.node,
      this.logFrame,
      this.composer.node,
      this.announcer,
    );
  }

  makeLog() {
    // What is written here is announced once, when it is whole, from the status region: not word by word.
    this.log = el("div.log", { role: "log", "aria-live": "off", "aria-label": say("conversation"), tabIndex: 0 });
    this.welcome = el("div.welcome");
    this.chips = el("div.chips", { role: "group", "aria-label": say("suggested") });
    this.scroller = el("div.scroller", {}, this.welcome, this.log, this.chips);
    this.scroller.addEventListener("scroll", () => this.noticeScroll(), { passive: true });
    this.down = el("button.down", { type: "button", hidden: true, "aria-label": say("toEnd"), onclick: () => this.toEnd() }, icon("down"));
    this.scrolledTo = 0;
    new ResizeObserver(() => this.keepUp()).observe(this.scroller);
    this.logFrame = el("div.frame", {}, this.scroller, this.down);
  }

  // ---- where the shopper looks

  get below() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** Scrolling up stops the following, coming back down takes it up again. */
  noticeScroll() {
    const { scrollTop } = this.scroller;
    const { below } = this;
    if (below < NEAR_BOTTOM_PX) this.following = true;
    else if (scrollTop < this.scrolledTo - 2) this.following = false;
    this.scrolledTo = scrollTop;
    this.down.hidden = below < NEAR_BOTTOM_PX;
  }

  follow() {
    this.following = true;
    this.keepUp();
  }

  toEnd() {
    this.following = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.composer.input.focus({ preventScroll: true }); // the button goes: the focus must not go with it
  }

  /** Once for all that grew in one frame: measuring is what costs. */
  keepUpSoon() {
    this.soon ??= requestAnimationFrame(() => {
      this.soon = null;
      this.keepUp();
    });
  }

  /** Go along with what grows, but never past the shopper's question: an answer is read from its beginning. */
  keepUp() {
    if (!this.node.open) return;
    if (this.following) {
      const top = this.anchor?.isConnected ? this.anchor.offsetTop - ABOVE_PX : Infinity;
      this.scroller.scrollTop = Math.min(this.scroller.scrollHeight, top);
      this.scrolledTo = this.scroller.scrollTop;
    }
    this.down.hidden = this.below < NEAR_BOTTOM_PX;
  }

  // ---- what the shopper sees and hears

  showWelcome(text, ideas) {
    this.welcome.replaceChildren(el("p", { textContent: text }));
    this.ideas = ideas;
  }

  showCarts() {
    for (const button of this.node.querySelectorAll("[data-cart]")) showCart(button, this.shop);
  }

  /** For who cannot see it: said once, whole. */
  announce(text) {
    this.announcer.replaceChildren(el("p", { textContent: text.slice(0, SPOKEN_MOST) }));
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.announcer.replaceChildren(), SPOKEN_FOR_MS); // else it is read a second time by who browses
  }

  /** One answer grew; nothing else did. */
  showAnswer(answer) {
    this.parts.get(answer.key)?.update(answer);
  }

  /** Bring the screen in line with the transcript. */
  show(transcript) {
    const { items } = transcript;
    const keys = new Set(items.map(({ key }) => key));
    for (const [key, part] of this.parts) {
      if (keys.has(key)) continue;
      part.node.remove();
      this.parts.delete(key);
    }
    let there = this.log.firstElementChild;
    for (const item of items) there = this.place(item, there);
    this.anchor = this.parts.get(items.findLast(({ kind }) => kind === "user" || kind === "agent")?.key)?.node;
    const streaming = transcript.streaming !== null;
    this.log.setAttribute("aria-busy", String(streaming));
    this.composer.stop.hidden = !streaming;
    this.composer.address(transcript.handoff);
    this.header.showHandoff(transcript.handoff);
    this.node.classList.toggle("fresh", items.every(({ kind }) => kind === "note"));
    this.showChips(items, streaming);
    this.keepUp();
    this.keepFocus();
  }

  /** `there` is the node that stands where this item goes; gives the one behind it. */
  place(item, there) {
    let part = this.parts.get(item.key);
    if (!part) {
      part = this.make(item);
      this.parts.set(item.key, part);
    } else if (part.item !== item || item.kind === "user" || !part.settled) part.update(item);
    part.item = item;
    part.settled = item.kind === "answer" ? item.whole : item.kind !== "user";
    if (there === part.node) return there.nextElementSibling;
    this.log.insertBefore(part.node, there);
    return there;
  }

  make(item) {
    const { shop } = this;
    const { again, rate } = this.does;
    if (item.kind === "answer") return new AnswerView(item, { shop, again, rate, grew: () => this.keepUpSoon() });
    if (item.kind === "user") return new QuestionView(item, this.does);
    if (item.kind === "earlier") return { node: this.earlier(item), update: () => {} };
    const spoken = item.kind === "agent" ? el("strong.who", { textContent: item.name }) : null;
    this.announce([item.name, item.text].filter(Boolean).join(": "));
    return { node: el(`div.${item.kind}`, {}, spoken, el("p", { textContent: item.text })), update: () => {} };
  }

  earlier({ text }) {
    const button = el("button.again", { type: "button", textContent: say("showEarlier"), onclick: () => this.does.earlier() });
    return el("div.note", {}, el("p", { textContent: text }), button);
  }

  showChips(items, streaming) {
    const last = items.at(-1);
    const offered = items.every(({ kind }) => kind === "note") ? (this.ideas ?? []) : last?.kind === "answer" ? last.suggestions : [];
    const wanted = streaming ? [] : offered;
    const print = JSON.stringify(wanted);
    if (print === this.chipsShown) return;
    this.chipsShown = print;
    this.chips.replaceChildren(
      ...wanted.map((text) => el("button.chip", { type: "button", textContent: text, onclick: () => this.does.send(text) })),
    );
  }

  focus() {
    // On a touch screen the keyboard would cover the conversation before anybody wants to type.
    const touch = window.matchMedia("(pointer: coarse)").matches;
    (touch ? this.log : this.composer.input).focus({ preventScroll: true });
  }

  /** What had the focus is gone: it goes to the box, never to the page behind. */
  keepFocus() {
    const held = this.focused;
    if (!held || !this.node.open || (held.isConnected && held.checkVisibility() && !held.disabled)) return;
    this.focused = null;
    if (!this.node.getRootNode().activeElement) this.focus();
  }
}

class QuestionView {
  constructor(item, does) {
    this.does = does;
    this.shown = "";
    this.problem = el("p.problem", { hidden: true, role: "alert" });
    this.node = el("div.question", {}, el("span.spoken", { textContent: say("you") }), el("p", { textContent: item.text }), this.problem);
    this.update(item);
  }

  update(item) {
    if (item.problem === this.shown) return;
    this.shown = item.problem;
    this.problem.hidden = !item.problem;
    const again = el("button.again", { type: "button", textContent: say("tryAgain"), onclick: () => this.does.retry(item) });
    this.problem.replaceChildren(...(item.problem ? [`${item.problem} `, again] : []));
  }
}

// The panel: header, the log of the conversation, follow-up questions, and the composer.

import { AnswerView } from "./answer.js";
import { showCart } from "./cards.js";
import { el, icon } from "./dom.js";

const MAX_CHARS = 2000;
const COUNT_FROM = 1800;
const NEAR_BOTTOM_PX = 60;
const ABOVE_PX = 14;

export class PanelView {
  /** `does` is what the shopper can ask for: `send(text)`, `stop()`, `retry(item)`, `again(answer)`, `fresh()`, `close()`, `typing()`. */
  constructor(does, shop) {
    this.does = does;
    this.shop = shop;
    this.parts = new Map();
    this.following = true;
    this.makeHeader();
    this.makeLog();
    this.makeComposer();
    this.node = el(
      "section.panel",
      { role: "dialog", "aria-labelledby": "title", id: "panel" },
      this.header,
      this.logFrame,
      this.dock,
    );
  }

  makeHeader() {
    this.dot = el("span.dot", { "aria-hidden": "true" });
    this.stateText = el("span.state", { role: "status" });
    this.header = el(
      "header",
      {},
      el(
        "div.name",
        {},
        el("h2", { id: "title", textContent: "Manga assistant" }),
        el("p", {}, this.dot, this.stateText),
      ),
      el("button.icon", { type: "button", "aria-label": "New conversation", title: "New conversation", onclick: () => this.does.fresh() }, icon("fresh")),
      el("button.icon", { type: "button", "aria-label": "Close", title: "Close", onclick: () => this.does.close() }, icon("close")),
    );
  }

  makeLog() {
    this.log = el("div.log", { role: "log", "aria-live": "polite", "aria-label": "Conversation", tabIndex: 0 });
    this.welcome = el("div.welcome");
    this.chips = el("div.chips", { role: "group", "aria-label": "Suggested questions" });
    this.scroller = el("div.scroller", {}, this.welcome, this.log, this.chips);
    this.scroller.addEventListener("scroll", () => this.noticeScroll(), { passive: true });
    this.down = el("button.down", { type: "button", hidden: true, "aria-label": "Go to the end", onclick: () => this.toEnd() }, icon("down"));
    this.scrolledTo = 0;
    new ResizeObserver(() => this.keepUp()).observe(this.scroller);
    this.logFrame = el("div.frame", {}, this.scroller, this.down);
  }

  makeComposer() {
    this.input = el("textarea", { rows: 1, placeholder: "Ask about manga, orders, returns…", "aria-label": "Your message", "aria-describedby": "count", enterKeyHint: "send" });
    this.input.addEventListener("input", () => this.measure());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.count = el("span.count", { id: "count", role: "status" });
    this.send = el("button.send", { type: "submit", "aria-label": "Send" }, icon("send"));
    this.stop = el("button.stop", { type: "button", hidden: true, onclick: () => this.does.stop() }, icon("stop"), "Stop answering");
    const form = el("form", { onsubmit: (event) => this.submitted(event) }, this.input, this.send);
    this.dock = el("div.dock", {}, this.stop, form, this.count);
    this.measure();
  }

  // ---- what the shopper does

  pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submitted(event);
  }

  submitted(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text || [...text].length > MAX_CHARS) return;
    this.input.value = "";
    this.measure();
    this.does.send(text);
  }

  measure() {
    const length = [...this.input.value.trim()].length;
    this.count.textContent = length >= COUNT_FROM ? `${length.toLocaleString()} of ${MAX_CHARS.toLocaleString()}` : "";
    this.count.classList.toggle("over", length > MAX_CHARS);
    this.send.disabled = length === 0 || length > MAX_CHARS;
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 132)}px`;
    if (length) this.does.typing();
  }

  get below() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** Scrolling up stops the following, coming back down takes it up again. */
  noticeScroll() {
    const { scrollTop } = this.scroller;
    if (this.below < NEAR_BOTTOM_PX) this.following = true;
    else if (scrollTop < this.scrolledTo - 2) this.following = false;
    this.scrolledTo = scrollTop;
    this.down.hidden = this.below < NEAR_BOTTOM_PX;
  }

  follow() {
    this.following = true;
    this.keepUp();
  }

  toEnd() {
    this.following = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Go along with what grows, but never past the shopper's question: an answer is read from its beginning. */
  keepUp() {
    if (this.following) {
      const last = [...this.log.children].findLast((node) => node.matches(".question, .agent"));
      const top = last ? last.offsetTop - ABOVE_PX : Infinity;
      this.scroller.scrollTop = Math.min(this.scroller.scrollHeight, top);
      this.scrolledTo = this.scroller.scrollTop;
    }
    this.down.hidden = this.below < NEAR_BOTTOM_PX;
  }

  // ---- what the shopper sees

  showState(tone, text) {
    this.dot.dataset.tone = tone;
    if (this.stateText.textContent !== text) this.stateText.textContent = text;
  }

  showWelcome(text, ideas) {
    this.welcome.replaceChildren(el("p", { textContent: text }));
    this.ideas = ideas;
  }

  showCarts() {
    for (const button of this.node.querySelectorAll("[data-cart]")) showCart(button, this.shop);
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
    items.forEach((item, index) => this.place(item, index));
    const streaming = transcript.streaming !== null;
    this.log.setAttribute("aria-busy", String(streaming));
    this.stop.hidden = !streaming;
    this.showChips(items, streaming);
    this.keepUp();
  }

  place(item, index) {
    let part = this.parts.get(item.key);
    if (part) part.update(item);
    else {
      part = this.make(item);
      this.parts.set(item.key, part);
    }
    const there = this.log.children[index];
    if (there !== part.node) this.log.insertBefore(part.node, there ?? null);
  }

  make(item) {
    if (item.kind === "answer") return new AnswerView(item, { shop: this.shop, again: this.does.again, grew: () => this.keepUp() });
    if (item.kind === "user") return new QuestionView(item, this.does);
    const spoken = item.kind === "agent" ? el("strong.who", { textContent: item.name }) : null;
    const node = el(`div.${item.kind}`, {}, spoken, el("p", { textContent: item.text }));
    return { node, update: () => {} };
  }

  showChips(items, streaming) {
    const last = items.at(-1);
    const offered = items.every(({ kind }) => kind === "note") ? (this.ideas ?? []) : last?.kind === "answer" ? last.suggestions : [];
    const wanted = streaming ? [] : offered;
    const print = JSON.stringify(wanted);
    if (print === this.chips.dataset.print) return;
    this.chips.dataset.print = print;
    this.chips.replaceChildren(
      ...wanted.map((text) => el("button.chip", { type: "button", textContent: text, onclick: () => this.does.send(text) })),
    );
  }

  focus() {
    // On a touch screen the keyboard would cover the conversation before anybody wants to type.
    const touch = window.matchMedia("(pointer: coarse)").matches;
    (touch ? this.log : this.input).focus({ preventScroll: true });
  }
}

class QuestionView {
  constructor(item, does) {
    this.does = does;
    this.problem = el("p.problem", { hidden: true, role: "alert" });
    this.node = el("div.question", {}, el("span.spoken", { textContent: "You: " }), el("p", { textContent: item.text }), this.problem);
    this.update(item);
  }

  update(item) {
    if (item.problem === this.problem.dataset.print) return;
    this.problem.dataset.print = item.problem;
    this.problem.hidden = !item.problem;
    const again = el("button.again", { type: "button", textContent: "Try again", onclick: () => this.does.retry(item) });
    this.problem.replaceChildren(...(item.problem ? [`${item.problem} `, again] : []));
  }
}

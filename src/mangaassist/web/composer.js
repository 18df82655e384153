// Where the shopper writes: grows with the words, counts what is too long, never sends what is still being composed.

import { el, icon } from "./dom.js";
import { say } from "./say.js";

const MAX_CHARS = 2000;
const COUNT_FROM = 1800;
const MOST_HIGH_PX = 132;
const COMPOSING = 229; // what Safari and old Android keyboards say in place of `isComposing`

export class Composer {
  /** `does` has `send(text)`, `stop()` and `typing()`; `draft` has `get` and `set`, which outlive the page. */
  constructor(does, draft) {
    this.does = does;
    this.draft = draft;
    this.input = el("textarea", { rows: 1, placeholder: say("placeholder"), "aria-label": say("message"), "aria-describedby": "count", enterKeyHint: "send" });
    this.input.value = draft.get();
    this.input.addEventListener("input", () => this.written());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.count = el("span.count", { id: "count", role: "status" });
    this.send = el("button.send", { type: "submit", "aria-label": say("send") }, icon("send"));
    this.stop = el("button.stop", { type: "button", hidden: true, onclick: () => this.does.stop() }, icon("stop"), say("stop"));
    const form = el("form", { onsubmit: (event) => this.submitted(event) }, this.input, this.send);
    this.node = el("div.dock", {}, this.stop, form, this.count);
    this.measure();
  }

  pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === COMPOSING) return;
    event.preventDefault();
    this.submitted(event);
  }

  submitted(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text || [...text].length > MAX_CHARS) return;
    this.input.value = "";
    this.draft.set("");
    this.measure();
    this.does.send(text);
  }

  written() {
    this.draft.set(this.input.value);
    this.measure();
    if (this.input.value.trim()) this.does.typing();
  }

  measure() {
    const length = [...this.input.value.trim()].length;
    const told = { length: length.toLocaleString(), most: MAX_CHARS.toLocaleString() };
    this.count.textContent = length >= COUNT_FROM ? say("count", told) : "";
    this.count.classList.toggle("over", length > MAX_CHARS);
    this.send.disabled = length === 0 || length > MAX_CHARS;
    this.input.style.height = "auto";
    if (this.input.value) this.input.style.height = `${Math.min(this.input.scrollHeight, MOST_HIGH_PX)}px`;
  }

  /** Whom the words go to. */
  address(handoff) {
    const whom = handoff?.state === "joined" ? "placeholderPerson" : handoff?.opensAt ? "placeholderMessage" : "placeholder";
    this.input.placeholder = say(whom);
  }
}

// The top of the panel: who is there, whether a person was asked for, and which conversation this is.

import { el, icon } from "./dom.js";
import { say } from "./say.js";

const TYPED_FOR_MS = 6_000;

export class Header {
  /** `does` has `fresh()`, `callPerson()`, `leaveLine()`, `reopen(id)` and `close()`. */
  constructor(does, title) {
    this.does = does;
    this.dot = el("span.dot", { "aria-hidden": "true" });
    this.stateText = el("span.state", { role: "status" });
    this.past = el("div.past", { id: "past", hidden: true, role: "group", "aria-label": say("past") });
    this.pastButton = iconButton("past", "past", () => this.togglePast());
    Object.assign(this.pastButton, { hidden: true, ariaExpanded: "false" });
    this.pastButton.setAttribute("aria-controls", "past");
    this.banner = el("div.banner", { hidden: true });
    this.bannerText = el("p", { role: "status" });
    this.typing = el("p.theirs", { hidden: true });
    this.leave = el("button.again", { type: "button", textContent: say("leaveLine"), onclick: () => this.does.leaveLine() });
    this.banner.append(icon("person"), el("div", {}, this.bannerText, this.typing), this.leave);
    this.node = el(
      "div.top",
      {},
      el(
        "div.header",
        {},
        el("div.name", {}, el("h2", { id: "title", textContent: title }), el("p", {}, this.dot, this.stateText)),
        iconButton("person", "person", () => this.does.callPerson()),
        this.pastButton,
        iconButton("fresh", "fresh", () => this.does.fresh()),
        iconButton("close", "close", () => this.does.close()),
      ),
      this.past,
      this.banner,
    );
  }

  showState(tone, text) {
    this.dot.dataset.tone = tone;
    if (this.stateText.textContent !== text) this.stateText.textContent = text;
  }

  /** in words, with the place in the queue and the waiting time as far as they are known. */
  showHandoff(handoff) {
    this.banner.hidden = !handoff;
    this.leave.hidden = handoff?.state !== "requested";
    const text = handoff ? inLine(handoff) : "";
    if (this.bannerText.textContent !== text) this.bannerText.textContent = text;
    if (!handoff) this.typing.hidden = true;
  }

  theyType(name) {
    this.typing.textContent = say("theyType", { name: name || say("team") });
    this.typing.hidden = false;
    clearTimeout(this.typedTimer);
    this.typedTimer = setTimeout(() => (this.typing.hidden = true), TYPED_FOR_MS);
  }

  theyWrote() {
    this.typing.hidden = true;
  }

  /** `conversations` are `{id, title}`, the newest first. */
  showPast(conversations) {
    this.pastButton.hidden = !conversations.length;
    if (!conversations.length) this.closePast();
    this.past.replaceChildren(
      ...conversations.map(({ id, title }) => el("button", { type: "button", textContent: title, onclick: () => (this.closePast(), this.does.reopen(id)) })),
    );
  }

  togglePast() {
    this.past.hidden = !this.past.hidden;
    this.pastButton.ariaExpanded = String(!this.past.hidden);
  }

  closePast() {
    this.past.hidden = true;
    this.pastButton.ariaExpanded = "false";
  }
}

function iconButton(name, picture, onclick) {
  return el("button.icon", { type: "button", "aria-label": say(name), title: say(name), onclick }, icon(picture));
}

function inLine({ state, position, etaS, opensAt, name }) {
  if (state === "joined") return name ? `${say("here")}: ${name}` : say("here");
  if (opensAt) return say("closed", { when: opensAt });
  const place = Number.isInteger(position) ? say("place", { place: position }) : "";
  const wait = Number.isFinite(etaS) ? say("wait", { minutes: Math.max(1, Math.round(etaS / 60)) }) : "";
  return [say("called"), place, wait].filter(Boolean).join(" · ");
}

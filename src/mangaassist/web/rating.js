// Under a finished answer: copy it, or say whether it was good. The first word counts, so a comment goes along with it.

import { el, icon } from "./dom.js";
import { say } from "./say.js";

const MAX_COMMENT = 1000;

export class RatingView {
  /** `rate(thumb, comment)` gives a promise of whether it was taken; `grew()` hears of changes of height. */
  constructor({ text, rate, grew }) {
    this.rate = rate;
    this.grew = grew;
    this.told = el("span.told", { role: "status" });
    this.copy = smallButton("copy", "copy", () => this.copied(text));
    this.thumbs = ["good", "bad"].map((thumb) => smallButton(thumb, thumb, () => this.pressed(thumb)));
    this.node = el("div.rating-row", {}, this.copy, ...this.thumbs, this.told);
  }

  async copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.told.textContent = say("copied");
    } catch {
      // The page may not: the shopper can still select the words.
    }
  }

  pressed(thumb) {
    for (const [at, name] of ["good", "bad"].entries()) this.thumbs[at].setAttribute("aria-pressed", String(name === thumb));
    if (thumb === "good") this.send("thumbs_up");
    else if (!this.form) this.askWhy();
  }

  askWhy() {
    const box = el("textarea", { rows: 2, maxLength: MAX_COMMENT, "aria-label": say("whatWrong"), placeholder: say("whatWrong") });
    this.form = el(
      "form.why",
      { onsubmit: (event) => (event.preventDefault(), this.send("thumbs_down", box.value.trim())) },
      box,
      el("button.action", { type: "submit", textContent: say("sendThumb") }),
    );
    this.node.append(this.form);
    this.grew();
    box.focus();
  }

  async send(thumb, comment = "") {
    for (const each of this.thumbs) each.disabled = true;
    this.form?.remove();
    this.form = null;
    const taken = await this.rate(thumb, comment);
    this.told.textContent = taken ? say("thanks") : say("wrong");
    if (taken) return;
    for (const each of this.thumbs) {
      each.disabled = false;
      each.setAttribute("aria-pressed", "false");
    }
  }
}

function smallButton(name, picture, onclick) {
  const label = say(name);
  return el(`button.small.${name}`, { type: "button", "aria-label": label, title: label, onclick }, icon(picture));
}

// One answer on the screen: text that flows in, corrections that show themselves, what drops in afterwards.

import { buttonRow, productList } from "./cards.js";
import { el } from "./dom.js";
import { blocks } from "./markup.js";

const CATCH_UP = 9; // a ninth of what is waiting appears with each drawing: smooth when slow, never far behind
const LEAST_CHARS = 2;

const ENDINGS = {
  stopped: "You stopped this answer.",
  lost: "This answer was cut off.",
};
const SOURCE_KINDS = { product: "Product", faq: "Help", policy: "Policy", editorial: "Guide", reviews: "Reviews" };

export class AnswerView {
  /** `shop` is what cards and buttons may do; `grew()` hears of every change of height. */
  constructor(answer, shop, grew) {
    this.shop = shop;
    this.grew = grew;
    this.shown = 0;
    this.drawn = [];
    this.extras = "";
    this.frame = null;
    this.typing = el("div.typing", {}, el("i"), el("i"), el("i"), el("span.spoken", { textContent: "Writing…" }));
    this.notices = el("div.notices");
    this.bubble = el("div.bubble");
    this.after = el("div.after");
    this.node = el("article.answer", { "aria-label": "Assistant" }, this.notices, this.bubble, this.after);
    this.answer = answer;
    if (answer.instant || calm()) this.shown = Infinity;
    this.update(answer);
  }

  update(answer) {
    if (answer !== this.answer) {
      this.answer = answer;
      this.shown = Infinity;
    }
    if (answer.corrections || answer.state === "stopped") this.shown = Infinity;
    this.node.setAttribute("aria-busy", String(answer.streaming));
    this.node.dataset.response = answer.responseId;
    this.showNotices();
    this.schedule();
  }

  schedule() {
    if (calm()) this.shown = Infinity;
    if (this.shown === Infinity || document.hidden) this.draw();
    else this.frame ??= requestAnimationFrame(() => this.advance());
  }

  advance() {
    this.frame = null;
    const waiting = this.answer.text.length - this.shown;
    if (waiting > 0) this.shown += Math.max(LEAST_CHARS, Math.ceil(waiting / CATCH_UP));
    this.draw();
    if (this.shown < this.answer.text.length) this.schedule();
  }

  draw() {
    const whole = this.answer.text;
    let text = whole.slice(0, this.shown);
    const growing = this.answer.streaming || text.length < whole.length;
    if (growing) text = text.replace(/\*{1,2}$/, "");
    const waiting = !text.trim() && this.answer.streaming;
    if (waiting) this.bubble.append(this.typing);
    else this.typing.remove();
    this.bubble.hidden = !text.trim() && !waiting;
    this.bubble.classList.toggle("growing", growing && !waiting);
    this.drawBlocks(blocks(text, this.answer.corrected, growing));
    if (!growing || this.shown >= whole.length) this.drawExtras();
    this.grew();
  }

  /** Only blocks that differ are made anew, so that what was read stays where it is. */
  drawBlocks(wanted) {
    wanted.forEach((block, index) => {
      const print = JSON.stringify(block);
      if (this.drawn[index]?.print === print) return;
      const node = blockNode(block);
      if (this.drawn[index]) this.drawn[index].node.replaceWith(node);
      else this.bubble.append(node);
      this.drawn[index] = { print, node };
    });
    for (const surplus of this.drawn.splice(wanted.length)) surplus.node.remove();
  }

  showNotices() {
    const print = JSON.stringify(this.answer.notices);
    if (print === this.notices.dataset.print) return;
    this.notices.dataset.print = print;
    this.notices.replaceChildren(...this.answer.notices.map(notice));
  }

  drawExtras() {
    const { products, buttons, suggestions, metadata, state, corrections } = this.answer;
    const others = buttons.filter((button) => !isOnCard(button, products));
    const print = JSON.stringify([products, buttons, metadata?.sources, state, corrections, suggestions]);
    if (print === this.extras) return;
    this.extras = print;
    this.after.replaceChildren(
      ...[
        products.length ? productList(products, this.shop) : null,
        others.length ? buttonRow(others, this.shop) : null,
        ending(this.answer),
        footnotes(metadata, corrections),
      ].filter(Boolean),
    );
  }
}

/** What a card offers already is not offered again under it. */
function isOnCard(button, products) {
  const offered = button?.type === "add_to_cart" || button?.type === "view_product";
  return offered && products.some((item) => item?.asin === button.asin);
}

function calm() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function blockNode({ kind, lines }) {
  if (kind === "ul") return el("ul", {}, lines.map((line) => el("li", {}, line.map(runNode))));
  return el("p", {}, lines.flatMap((line, index) => [...(index ? [el("br")] : []), ...line.map(runNode)]));
}

function runNode({ text, bold, corrected }) {
  const inner = bold ? el("strong", { textContent: text }) : text;
  return corrected ? el("mark", {}, inner) : inner;
}

function notice({ text, asOf }) {
  const moment = asOf ? new Date(asOf) : null;
  const time = moment && !Number.isNaN(moment.getTime()) ? ` As of ${clockTime(moment)}.` : "";
  return el("p.notice", { textContent: text + time });
}

function clockTime(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function ending({ state }) {
  return ENDINGS[state] ? el("p.ending", { textContent: ENDINGS[state] }) : null;
}

/** K-6: what the answer was read from, and that something in it was put right. */
function footnotes(metadata, corrections) {
  const sources = Array.isArray(metadata?.sources) ? metadata.sources.filter((source) => source?.title) : [];
  const unique = [...new Map(sources.map((source) => [source.title, source])).values()];
  if (!unique.length && !corrections) return null;
  return el(
    "div.footnotes",
    {},
    unique.length ? sourceList(unique) : null,
    corrections ? el("p.corrected", { textContent: "Put right after a check against the store." }) : null,
  );
}

function sourceList(sources) {
  const items = sources.map(({ title, source_type: kind }) =>
    el("li", {}, el("span.kind", { textContent: SOURCE_KINDS[kind] ?? "Store" }), String(title)),
  );
  const summary = `${sources.length} ${sources.length === 1 ? "source" : "sources"}`;
  return el("details.sources", {}, el("summary", { textContent: summary }), el("ul", {}, items));
}

// One answer on the screen: text that flows in, corrections that show themselves, what drops in afterwards.

import { buttonRow, productList } from "./cards.js";
import { el, safeUrl } from "./dom.js";
import { blocks } from "./markup.js";

const CATCH_UP = 9; // a ninth of what is waiting appears with each drawing: smooth when slow, never far behind
const LEAST_CHARS = 2;

const ENDINGS = {
  stopped: "You stopped this answer.",
  lost: "This answer was cut off.",
};
const SOURCE_KINDS = { product: "Product", faq: "Help", policy: "Policy", editorial: "Guide", reviews: "Reviews" };

export class AnswerView {
  /** `shop` is what cards and buttons may do; `again(answer)` asks once more; `grew()` hears of every change of height. */
  constructor(answer, { shop, again, grew }) {
    this.shop = shop;
    this.again = again;
    this.grew = grew;
    this.shown = 0;
    this.text = ""; // what is drawn
    this.told = ""; // what was drawn of an earlier attempt
    this.attempt = answer.attempt;
    this.drawn = [];
    this.extras = new Map();
    this.frame = null;
    this.label = el("span");
    this.typing = el("div.typing", {}, el("i"), el("i"), el("i"), this.label);
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
    } else if (answer.attempt !== this.attempt) {
      this.beginAgain();
    }
    this.attempt = answer.attempt;
    if (answer.corrections || answer.state === "stopped") this.shown = Infinity;
    this.node.setAttribute("aria-busy", String(answer.streaming));
    this.node.dataset.response = answer.responseId;
    this.showNotices();
    this.schedule();
  }

  /** W-12: the words go, their room stays until others are there; what is told as before need not flow in again. */
  beginAgain() {
    const { width, height } = this.bubble.getBoundingClientRect();
    Object.assign(this.bubble.style, { minWidth: `${width}px`, minHeight: `${height}px` });
    this.told = this.text;
    this.shown = 0;
  }

  schedule() {
    if (calm() || document.hidden) this.shown = Infinity; // nobody watches it flow
    if (this.shown === Infinity) this.draw();
    else this.frame ??= requestAnimationFrame(() => this.advance());
  }

  advance() {
    this.frame = null;
    this.shown = Math.max(this.shown, alike(this.answer.text, this.told));
    const waiting = this.answer.text.length - this.shown;
    if (waiting > 0) this.shown += Math.max(LEAST_CHARS, Math.ceil(waiting / CATCH_UP));
    this.draw();
    if (this.shown < this.answer.text.length) this.schedule();
  }

  draw() {
    const whole = this.answer.text;
    let text = (this.text = whole.slice(0, this.shown));
    const growing = this.answer.streaming || text.length < whole.length;
    if (growing) text = text.replace(/\*{1,2}$/, "");
    const waiting = !text.trim() && this.answer.streaming;
    if (waiting) this.showTyping();
    else this.typing.remove();
    if (!growing) this.bubble.removeAttribute("style");
    this.bubble.hidden = !text.trim() && !waiting;
    this.bubble.classList.toggle("growing", growing && !waiting);
    this.drawBlocks(blocks(text, this.answer.corrected, growing));
    if (!growing || this.shown >= whole.length) this.drawExtras();
    this.grew();
  }

  showTyping() {
    const [look, text] = this.attempt > 1 ? ["label", "Starting over…"] : ["spoken", "Writing…"];
    this.label.className = look;
    this.label.textContent = text;
    if (this.typing.parentNode !== this.bubble) this.bubble.append(this.typing);
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
    const { products, buttons, metadata, state, problem, askedAgain, corrections } = this.answer;
    const others = buttons.filter((button) => !isOnCard(button, products));
    this.drawExtra("products", products, () => (products.length ? productList(products, this.shop) : null));
    this.drawExtra("buttons", others, () => (others.length ? buttonRow(others, this.shop) : null));
    this.drawExtra("ending", [state, problem, askedAgain], () => ending(this.answer, this.again));
    this.drawExtra("footnotes", [metadata?.sources, corrections], () => footnotes(metadata, corrections));
    const wanted = [...this.extras.values()].map(({ node }) => node).filter(Boolean);
    if (wanted.length !== this.after.children.length || wanted.some((node, at) => node !== this.after.children[at])) {
      this.after.replaceChildren(...wanted);
    }
  }

  /** What drops in after the text is made anew only when it differs, so that it is announced once. */
  drawExtra(name, facts, make) {
    const print = JSON.stringify(facts);
    if (this.extras.get(name)?.print !== print) this.extras.set(name, { print, node: make() });
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

function ending(answer, again) {
  const { state, problem, askedAgain } = answer;
  if (ENDINGS[state]) return el("p.ending", { textContent: ENDINGS[state] });
  if (state !== "failed") return null;
  const button = el("button.again", { type: "button", textContent: "Ask again", onclick: () => again(answer) });
  return el("p.problem", {}, ...(askedAgain ? [problem] : [`${problem} `, button]));
}

/** How many characters two texts have in common, from the beginning. */
function alike(one, other) {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one[at] === other[at]) at += 1;
  return at;
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

/** The text, as a link where there is an address to go to. */
function linked(text, href) {
  return href ? el("a", { href, textContent: text }) : text;
}

function sourceList(sources) {
  const items = sources.map(({ title, source_type: kind, url }) =>
    el("li", {}, el("span.kind", { textContent: SOURCE_KINDS[kind] ?? "Store" }), linked(String(title), safeUrl(url))),
  );
  const summary = `${sources.length} ${sources.length === 1 ? "source" : "sources"}`;
  return el("details.sources", {}, el("summary", { textContent: summary }), el("ul", {}, items));
}

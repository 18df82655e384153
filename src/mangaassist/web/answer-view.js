// One answer on the screen: text that flows in, corrections that show themselves, what drops in afterwards.

import { buttonRow, productList } from "./cards.js";
import { el, safeUrl } from "./dom.js";
import { blocks } from "./markup.js";
import { RatingView } from "./rating.js";
import { say } from "./say.js";

const CATCH_UP = 9; // a ninth of what is waiting appears with each drawing: smooth when slow, never far behind
const LEAST_CHARS = 2;

/** What is said to be missing is not said beside cards that show it. */
const REFUTED_BY = {
  catalog: (cards) => cards.length > 0,
  pricing: (cards) => cards.length > 0 && cards.every(({ price }) => price),
  inventory: (cards) => cards.length > 0 && cards.every(({ availability }) => availability),
  reviews: (cards) => cards.length > 0 && cards.every(({ rating }) => Number.isFinite(rating)),
};
const ENDINGS = new Set(["stopped", "lost"]);

export class AnswerView {
  /**
   * `shop` is what cards and buttons may do; `again(answer)` asks once more; `rate(answer, thumb, comment)` gives a promise;
   * `grew()` hears of every change of height.
   */
  constructor(answer, { shop, again, rate, grew }) {
    this.shop = shop;
    this.again = again;
    this.rate = rate;
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
    this.node = el("article.answer", { "aria-label": say("assistant") }, this.notices, this.bubble, this.after);
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
    this.node.hidden = answer.silent;
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
    const text = (this.text = whole.slice(0, this.shown));
    const growing = this.answer.streaming || text.length < whole.length;
    const waiting = !text.trim() && this.answer.streaming;
    if (waiting) this.showTyping();
    else this.typing.remove();
    if (!growing) this.bubble.removeAttribute("style");
    this.bubble.hidden = !text.trim() && !waiting;
    this.bubble.classList.toggle("growing", growing && !waiting);
    this.drawBlocks(blocks(text, this.answer.corrected, growing));
    this.showNotices();
    if (!growing || this.shown >= whole.length) this.drawExtras();
    this.grew();
  }

  showTyping() {
    const [look, text] = this.attempt > 1 ? ["label", say("again")] : ["spoken", say("writing")];
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
    const { notices, products } = this.answer;
    const holding = notices.filter(({ service }) => !REFUTED_BY[service]?.(products));
    const print = JSON.stringify(holding);
    if (print === this.noticed) return;
    this.noticed = print;
    this.notices.replaceChildren(...holding.map(notice));
  }

  drawExtras() {
    const { products, buttons, metadata, state, problem, askedAgain, corrections } = this.answer;
    const others = buttons.filter((button) => !isOnCard(button, products));
    this.drawExtra("products", products, () => (products.length ? productList(products, this.shop) : null));
    this.drawExtra("buttons", others, () => (others.length ? buttonRow(others, this.shop) : null));
    this.drawExtra("ending", [state, problem, askedAgain], () => ending(this.answer, this.again));
    this.drawExtra("footnotes", [metadata?.sources, corrections], () => footnotes(metadata, corrections));
    this.drawExtra("rating", state === "done" && this.text, (text) => (text ? this.ratingOf(text) : null));
    const wanted = [...this.extras.values()].map(({ node }) => node).filter(Boolean);
    if (wanted.length !== this.after.children.length || wanted.some((node, at) => node !== this.after.children[at])) {
      this.after.replaceChildren(...wanted);
    }
  }

  /** What drops in after the text is made anew only when it differs, so that it is announced once. */
  drawExtra(name, facts, make) {
    const print = JSON.stringify(facts);
    if (this.extras.get(name)?.print !== print) this.extras.set(name, { print, node: make(facts) });
  }

  ratingOf(text) {
    return new RatingView({ text, rate: (thumb, comment) => this.rate(this.answer, thumb, comment), grew: this.grew }).node;
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

function blockNode({ kind, lines, start }) {
  if (kind === "ul") return el("ul", {}, lines.map((line) => el("li", {}, line.map(runNode))));
  if (kind === "ol") return el("ol", { start }, lines.map((line) => el("li", {}, line.map(runNode))));
  if (kind === "table") return tableNode(lines);
  const within = lines.flatMap((line, index) => [...(index ? [kind === "code" ? "\n" : el("br")] : []), ...line.map(runNode)]);
  if (kind === "code") return el("pre", { tabIndex: 0 }, el("code", {}, within));
  return el(kind === "h" ? "h3" : "p", {}, within);
}

function tableNode([head, ...rows]) {
  const row = (cells, tag) => el("tr", {}, cells.map((cell) => el(tag, tag === "th" ? { scope: "col" } : {}, cell.map(runNode))));
  return el("div.wide", { tabIndex: 0 }, el("table", {}, el("thead", {}, row(head, "th")), el("tbody", {}, rows.map((cells) => row(cells, "td")))));
}

function runNode({ text, bold, corrected, kind, href }) {
  const word = href ? linked(text, safeUrl(href, document.baseURI)) : kind ? el(kind, { textContent: text }) : text;
  const inner = bold ? el("strong", {}, word) : word;
  return corrected ? el("mark", {}, inner) : inner;
}

function notice({ service, fallback, asOf }) {
  const moment = asOf ? new Date(asOf) : null;
  const time = moment && !Number.isNaN(moment.getTime()) ? say("asOf", { time: clockTime(moment) }) : "";
  return el("p.notice", { textContent: (say(`without_${service}`) || sentence(fallback)) + time });
}

function clockTime(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function sentence(fallback) {
  const text = fallback || say("unknown");
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

function ending(answer, again) {
  const { state, problem, askedAgain } = answer;
  if (ENDINGS.has(state)) return el("p.ending", { textContent: say(state) });
  if (state !== "failed") return null;
  const button = el("button.again", { type: "button", textContent: say("askAgain"), onclick: () => again(answer) });
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
    corrections ? el("p.corrected", { textContent: say("corrected") }) : null,
  );
}

/** The text, as a link where there is an address to go to; one that leads away opens beside the shop. */
function linked(text, href) {
  if (!href) return text;
  const away = new URL(href).origin !== window.location.origin;
  return el("a", { href, textContent: text, ...(away && { target: "_blank", rel: "noopener noreferrer" }) });
}

function sourceList(sources) {
  const items = sources.map(({ title, source_type: kind, url }) =>
    el("li", {}, el("span.kind", { textContent: say(`kind_${kind}`) || say("kind_store") }), linked(String(title), safeUrl(url, document.baseURI))),
  );
  const summary = say(sources.length === 1 ? "source" : "sources", { count: sources.length });
  return el("details.sources", {}, el("summary", { textContent: summary }), el("ul", {}, items));
}

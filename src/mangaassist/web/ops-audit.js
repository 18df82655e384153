// The audit trail: who was shown which price for a book, what was taken out or put right, and who looked; the newest first.

import { el } from "./dom.js";
import { day, plain } from "./ops-words.js";

const PATH = "/operator/audit/search";
const KINDS = [["", "everything"], ["shown", "prices that were shown"], ["intake", "taken out of messages"], ["prices", "prices put right"],
  ["claims", "claims"], ["scope", "strayed"], ["provider", "by the model's provider"], ["operator", "what operators did"]];
const COLUMNS = ["When", "What", "Who", "Product", "Was", "Became"];
const PAGE = 50;

export function auditPage({ ask, attempt, say }) {
  const field = (label, name, more = {}) => el("label", {}, label, el("input", { name, maxLength: 255, autocomplete: "off", ...more }));
  const form = el("form.search", { role: "search", "aria-label": "Audit" },
    field("ASIN", "asin", { placeholder: "B0EUAZAO9P" }), field("Session", "session_id"), field("Customer", "customer_id"),
    el("label", {}, "What", el("select", { name: "stage" }, KINDS.map(([value, textContent]) => el("option", { value, textContent })))),
    field("Words", "text", { minLength: 3, maxLength: 200 }),
    field("From", "since", { type: "datetime-local" }), field("Until", "until", { type: "datetime-local" }),
    el("label.check", {}, el("input", { type: "checkbox", name: "opened" }), "Open what is sealed"),
    el("button.main", { type: "submit", textContent: "Search" }));
  const body = el("tbody", { role: "rowgroup" });
  const table = el("table.trail", { hidden: true, role: "table", "aria-label": "Entries, the newest first" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, COLUMNS.map((name) => el("th", { scope: "col", role: "columnheader", textContent: name })))), body);
  const more = el("button", { type: "button", textContent: "Older entries", hidden: true, onclick: () => attempt(next) });
  const told = el("p.quiet", { role: "status", textContent: "“Who was shown which price for this product, and when?” Name its ASIN. That you searched is in the trail from then on." });
  const state = { asked: null, cursor: null, count: 0 };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    state.asked = question(new FormData(form));
    Object.assign(state, { cursor: null, count: 0 });
    body.replaceChildren();
    attempt(next);
  });

  async function next() {
    const found = await ask(PATH, { ...state.asked, limit: PAGE, ...(state.cursor ? { cursor: state.cursor } : {}) });
    const first = state.count;
    state.count += found.entries.length;
    state.cursor = found.next;
    body.append(...found.entries.map(line));
    table.hidden = !state.count;
    more.hidden = !found.next;
    told.textContent = state.count ? `${state.count} ${state.count === 1 ? "entry" : "entries"}${found.next ? ", and there are more" : found.is_all ? ", and that is all" : "; older ones could not be looked at"}.` : "Nothing in the trail fits.";
    if (first) body.children[first]?.querySelector("td").focus();
  }

  async function look() {
    say("Every search is audited");
  }

  return { title: "Audit", look, nodes: [form, told, table, more] };
}

function question(filled) {
  const asked = {};
  for (const [name, value] of filled) {
    if (name === "opened") asked.opened = true;
    else if (name === "since" || name === "until") value && (asked[name] = new Date(value).toISOString());
    else if (value.trim()) asked[name] = value.trim();
  }
  return asked;
}

function line(entry) {
  const who = entry.customer_id ?? "guest";
  const about = entry.session_id ? el("small", { textContent: `session ${entry.session_id}` }) : "";
  const cells = [
    [el("time", { dateTime: entry.at, textContent: day(entry.at) })],
    [el("b", { textContent: plain(entry.stage) }), el("small", { textContent: `${plain(entry.kind)} · ${plain(entry.verdict)}` })],
    [who, about],
    [entry.asins.join(", ")],
    [entry.original, entry.sealed ? el("small", { textContent: "sealed" }) : ""],
    [entry.replacement],
  ];
  return el("tr", { role: "row" }, cells.map((parts, index) =>
    el("td", { role: "cell", tabIndex: index ? null : -1, "data-name": COLUMNS[index] }, parts)));
}

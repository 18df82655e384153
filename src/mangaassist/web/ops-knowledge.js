// The knowledge: how soon changes are found, and events that could not be applied, to be tried again.

import { el } from "./dom.js";
import { bar } from "./ops-charts.js";
import { waitingLine } from "./ops-waiting.js";
import { clock, day, many, plain, seconds } from "./ops-words.js";

const EVERY_MS = 4000;

export function knowledgePage({ ask, attempt, say }) {
  const fresh = el("section.tile.whole", { "aria-label": "Freshness" });
  const aside = el("section.tile.whole", { "aria-label": "Set aside" });
  const whose = el("section.tile.whole", { "aria-label": "Processes" });
  const done = el("p", { role: "status" });
  const waits = waitingLine();
  let shown = "";

  async function look() {
    const told = await ask("/ops/console/knowledge");
    const count = Object.values(told.set_aside).reduce((sum, each) => sum + each, 0);
    say(count ? `${many(count)} set aside` : "Nothing set aside");
    waits.tell(told.changes_wait);
    fresh.replaceChildren(...freshness(told));
    whose.replaceChildren(...covered(told));
    const letters = JSON.stringify([told.letters, count]);
    if (letters !== shown) aside.replaceChildren(...setAside(told, count));
    shown = letters;
  }

  async function retry(ids) {
    await attempt(async () => {
      const { asked, is_all: isAll } = await ask("/ops/console/knowledge/retry", ids ? { ids } : {});
      done.textContent = `${asked} ${asked === 1 ? "event is" : "events are"} tried again ${waits.when("now")}; what fails comes back with its newest reason.${isAll ? "" : " Other processes could not be asked just now."}`;
      await look();
    });
  }

  function setAside({ letters }, count) {
    if (!letters.length) return [el("h2", { textContent: "Set aside" }), el("p.quiet", { textContent: "Every change that came could be applied." })];
    const all = letters.length === 1 && count === 1 ? "" : el("button", { type: "button", textContent: `Try all ${many(count)} again`, onclick: () => retry(null) });
    return [el("div.row", {}, el("h2", { textContent: "Set aside" }), all), el("ul.letters", {}, letters.map((letter) => one(letter, retry)))];
  }

  return { title: "Knowledge", everyMs: EVERY_MS, look, nodes: [waits.node, el("div.board", {}, fresh, aside, whose), done] };
}

function freshness({ sources, processes }) {
  const most = (limit, slowest) => Math.max(limit * 1.25, (slowest ?? 0) * 1.05);
  const drawn = sources.map(({ name, limit_s: limit, found, last_at: at, slowest_lag_s: slowest, is_late: isLate }) =>
    el(isLate ? "li.over" : "li", {},
      el("span.name", { textContent: plain(name) }),
      bar({ value: slowest ?? 0, most: most(limit, slowest), lines: [{ at: limit }], kind: isLate ? "bad" : "mark",
        label: slowest === null ? "no change yet" : `slowest ${seconds(slowest)} of ${seconds(limit)}` }),
      el("span.told", { textContent: slowest === null ? `no change yet · limit ${seconds(limit)}`
        : `${seconds(slowest)} of ${seconds(limit)} · ${many(found)} ${found === 1 ? "change" : "changes"}, last ${clock(at)}` })));
  return [el("h2", { textContent: "Freshness" }),
    sources.length ? el("ul.rows.wordy", { "aria-label": "Sources" }, drawn) : el("p.quiet", { textContent: processes.some(({ is_indexing: indexes }) => indexes) ? "No source is followed yet." : "Another process fills the index, and knows how fresh it is." }),
    el("p.quiet", { textContent: "The bar is the slowest of a source's newest 200 changes since who indexes it started, the line its limit." })];
}

/** Whose knowledge this is: what each process answers from, and how old its words are. */
function covered({ processes, is_all: isAll }) {
  const drawn = processes.map(({ name, age_s: age, version, is_indexing: indexes, changes_wait: waits }, index) => el("li", {},
    el("p", {}, el("strong", { textContent: name })),
    el("small", { textContent: [`version ${many(version)}`, indexes ? "indexes" : "follows the index", waits ? "answers by words alone" : "",
      index ? `${seconds(age)} old` : "this one"].filter(Boolean).join(" · ") })));
  return [el("h2", { textContent: "Processes" }), el("ul.letters", { "aria-label": "Processes" }, drawn),
    el("p.quiet", { textContent: isAll ? "One that tells nothing for twelve seconds is no longer shown." : "Not all of them could be heard, or read what they have set aside, just now: this is not all." })];
}

function one(letter, retry) {
  const name = letter.document_id || "an event that cannot be read";
  return el("li", {},
    el("div.row", {},
      el("strong", { textContent: name }),
      el("button", { type: "button", disabled: letter.is_due, textContent: letter.is_due ? "Tried again soon" : "Try again", "aria-label": `Try again: ${name}`, onclick: () => retry([letter.id]) })),
    el("p", { textContent: letter.error }),
    el("small", { textContent: `${plain(letter.source)} · version ${letter.version} · ${day(letter.at)} · failed ${letter.attempts} ${letter.attempts === 1 ? "time" : "times"}` }),
    el("details", {}, el("summary", { textContent: "The event as it came" }), el("pre", { tabIndex: 0 }, el("code", { textContent: letter.event }))));
}

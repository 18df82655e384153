// Faults on purpose: a service of the demo store is made slow, failing or wrong for a while, and what shoppers get then is seen live.

import { el } from "./dom.js";
import { faultWords, MODES, SPOILS } from "./ops-fault-words.js";
import * as tiles from "./ops-tiles.js";
import { plain } from "./ops-words.js";

const PATH = "/ops/console/faults";
const EVERY_MS = 2000;
const FOR_S = [[30, "30 seconds"], [60, "1 minute"], [120, "2 minutes"], [300, "5 minutes"], [900, "15 minutes"], [1800, "30 minutes"]];
const SHARES = [[1, "all calls"], [0.5, "every second call"], [0.2, "every fifth call"]];
const TILES = ["turns", "degraded", "services"];

export function faultsPage({ ask, attempt, say }) {
  const choose = (label, name, choices, chosen) => el("label", { "data-for": name }, label,
    el("select", { name, onchange: fit }, choices.map(([value, textContent]) => el("option", { value, textContent, selected: value === chosen }))));
  const service = el("select", { name: "service" });
  const form = el("form.search", { "aria-label": "A fault" },
    el("label", {}, "Service", service),
    choose("What is wrong", "mode", Object.entries(MODES), "fail"),
    el("label", { "data-for": "delay" }, "Seconds it is late, or down and up", el("input", { name: "delay", type: "number", min: 0.1, max: 60, step: 0.1, value: 3, required: true })),
    choose("In which way", "spoil", [["", "each in turn"], ...Object.entries(SPOILS)], ""),
    choose("Of", "rate", SHARES, 1), choose("For", "for_s", FOR_S, 60),
    el("button.main", { type: "submit", textContent: "Inject" }));
  const active = el("section.tile.whole", { "aria-label": "Faults now" });
  const why = el("p.quiet", { hidden: true });
  const all = el("div.faults", {}, form, el("div.board", {}, active));
  const board = el("div.board.live");
  const alarms = el("section.alarms", { "aria-label": "Alarms" });
  const done = el("p", { role: "status" });

  /** What a kind of fault does not need is not asked for. */
  function fit() {
    const { mode } = form.elements;
    const needs = { delay: ["slow", "flap"].includes(mode.value), spoil: mode.value === "wrong" };
    for (const [name, isNeeded] of Object.entries(needs)) {
      form.querySelector(`[data-for="${name}"]`).hidden = !isNeeded;
      form.elements[name].disabled = !isNeeded;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const filled = form.elements;
    const fault = { service: service.value, mode: filled.mode.value, rate: Number(filled.rate.value), for_s: Number(filled.for_s.value) };
    if (!filled.delay.disabled) fault.delay_ms = Math.round(Number(filled.delay.value) * 1000);
    if (!filled.spoil.disabled && filled.spoil.value) fault.spoil = filled.spoil.value;
    attempt(async () => {
      show(await ask(PATH, fault));
      done.textContent = `${plain(fault.service)} is ${MODES[fault.mode]} from now on. Ask the assistant something.`;
    });
  });

  function end(name) {
    attempt(async () => {
      show(await ask(`${PATH}/end`, name ? { service: name } : {}));
      done.textContent = name ? `${plain(name)} is well again.` : "Every service is well again.";
    });
  }

  function show({ services, faults, why: words }) {
    all.hidden = Boolean(words);
    why.hidden = !words;
    why.textContent = words;
    if (service.childElementCount !== services.length) service.replaceChildren(...services.map((name) => el("option", { value: name, textContent: plain(name) })));
    const ended = document.activeElement?.dataset.ends;
    const ends = (name, textContent) => el("button", { type: "button", textContent, "data-ends": name ?? "all", "aria-label": name ? `${textContent}: ${plain(name)}` : null, onclick: () => end(name) });
    active.replaceChildren(el("div.row", {}, el("h2", { textContent: "Now" }), faults.length > 1 ? ends(null, "End all") : null),
      faults.length ? el("ul.letters", { "aria-label": "Faults" }, faults.map((fault) => el("li", {}, el("div.row", {},
        el("div", {}, el("strong", { textContent: plain(fault.service) }), el("p", { textContent: faultWords(fault) })), ends(fault.service, "End now")))))
        : el("p.quiet", { textContent: "Every service is as it is by itself." }));
    if (ended) active.querySelector(`[data-ends="${ended}"]`)?.focus();
  }

  async function look() {
    show(await ask(PATH));
    const told = await ask("/ops/console/overview");
    say(told.alarms.length ? `${told.alarms.length} ${told.alarms.length === 1 ? "alarm" : "alarms"}` : "No alarm");
    alarms.replaceChildren(...tiles.alarmsOf(told));
    board.replaceChildren(...TILES.map((name) => tiles[name](told)));
  }

  fit();
  return { title: "Faults", everyMs: EVERY_MS, look, nodes: [why, all, done, alarms, board] };
}

// Single turns as waterfalls: each stage a bar where it ran, with the line that the budget draws for it.

import { el } from "./dom.js";
import { bar } from "./ops-charts.js";
import { clock, dollars, many, milliseconds, plain } from "./ops-words.js";

const EVERY_MS = 5000;
/** What came of a question to a service, where it is not plainly an answer. */
const OUTCOMES = { cached: "cached", absent: "not there", timeout: "timed out", open: "breaker open", out_of_time: "no time left", unreachable: "not reached",
  error: "failed", contract: "broken answer", rejected: "refused", unauthenticated: "not signed in" };
const GOOD = ["ok", "cached", "absent", "unauthenticated"];

export function turnsPage({ ask, say }) {
  const state = { order: "newest", chosen: null, told: null, isPaused: false, byBudget: false };
  const list = el("div.turns", { role: "group", "aria-label": "Turns" });
  const drawn = el("section.waterfall", { "aria-live": "off" });
  const orders = ["newest", "slowest"].map((order) => el("button", {
    type: "button", textContent: order, "aria-pressed": String(order === state.order), onclick: () => choose(order),
  }));
  const pause = el("button", { type: "button", textContent: "Hold still", "aria-pressed": "false", onclick: hold });
  const foot = el("p.quiet.foot");

  function choose(order) {
    Object.assign(state, { order, chosen: null });
    for (const button of orders) button.setAttribute("aria-pressed", String(button.textContent === order));
    draw();
  }

  function hold() {
    state.isPaused = !state.isPaused;
    pause.setAttribute("aria-pressed", String(state.isPaused));
  }

  async function look() {
    if (state.isPaused) return;
    state.told = await ask("/ops/console/turns");
    say(`${many(state.told.of)} turns kept`);
    const { processes, is_all: isAll } = state.told;
    foot.textContent = `Turns of ${processes.join(", ")}${isAll ? "" : "; others could not be heard just now"}. No word of a shopper is kept with them; the trace finds one in a collector.`;
    draw();
  }

  function draw() {
    const turns = state.told?.[state.order] ?? [];
    const current = turns.find((turn) => key(turn) === state.chosen) ?? turns[0];
    const focused = [...list.children].indexOf(document.activeElement);
    const most = Math.max(1, ...turns.map(({ latency_ms: took }) => took));
    list.replaceChildren(...turns.map((turn) => row(turn, most, turn === current, () => {
      state.chosen = key(turn);
      draw();
    })));
    if (focused >= 0) list.children[Math.min(focused, list.children.length - 1)]?.focus();
    drawn.replaceChildren(...(current ? waterfall(current, state) : [el("p.quiet", { textContent: "No turn yet. Ask the assistant something." })]));
  }

  const tools = el("div.tools", {}, el("div.choice", { role: "group", "aria-label": "Which turns" }, orders), pause,
    el("label", {}, el("input", { type: "checkbox", onchange: (event) => { state.byBudget = event.target.checked; draw(); } }), "Scale to the whole budget"));
  return { title: "Turns", everyMs: EVERY_MS, look, nodes: [tools, el("div.split", {}, list, drawn), foot] };
}

function key({ trace, at }) {
  return `${trace} ${at}`;
}

function row(turn, most, isCurrent, choose) {
  const said = `${clock(turn.at)}, ${plain(turn.intent)}, ${milliseconds(turn.latency_ms)}`;
  return el("button", { type: "button", "aria-current": isCurrent ? "true" : null, onclick: choose },
    el("span", { textContent: clock(turn.at) }),
    el("strong", { textContent: plain(turn.intent) }),
    el("span.took", { textContent: milliseconds(turn.latency_ms) }),
    bar({ value: turn.latency_ms, most, kind: turn.outcome === "answered" ? "mark" : "bad", label: said }));
}

/** The stages of a turn, each once, with every time that it ran and what it asked of services. */
function stagesOf({ bars, calls }) {
  const stages = new Map();
  for (const { name, began_ms: from, took_ms: value, allowance_ms: limit } of bars) {
    if (!stages.has(name)) stages.set(name, { name, limit, took: 0, parts: [], calls: [] });
    const stage = stages.get(name);
    stage.took += value;
    stage.parts.push({ from, value });
  }
  for (const call of calls) stages.get(call.stage)?.calls.push(call);
  return [...stages.values()];
}

function waterfall(turn, { byBudget, told }) {
  const stages = stagesOf(turn);
  const ends = stages.flatMap(({ parts }) => parts.map(({ from, value }) => from + value));
  const most = byBudget ? told.budget_ms : Math.max(turn.latency_ms, ...ends) * 1.02;
  const over = stages.filter(isOver);
  const facts = [plain(turn.intent), ...turn.acts.map(plain), turn.model === turn.tier ? turn.model : `${plain(turn.tier)} (${turn.model})`, dollars(turn.cost_usd),
    turn.cached ? "from the cache" : "", turn.outcome === "answered" ? "" : turn.outcome,
    turn.corrected.length ? `corrected by ${turn.corrected.join(", ")}` : "", turn.degraded.length ? `without ${turn.degraded.join(", ")}` : ""];
  return [
    el("h2", {}, `${milliseconds(turn.latency_ms)} in all`, el("small", { textContent: turn.ttft_ms === null ? "no first token" : `first token after ${milliseconds(turn.ttft_ms)}` })),
    el("p.facts", { textContent: facts.filter(Boolean).join(" · ") }),
    el("ol.bars", { "aria-label": "Stages" }, stages.flatMap((stage) => [line(stage, most, turn.ttft_ms), ...stage.calls.map((call) => callLine(call, most))])),
    el("p.scale", {}, el("span", { textContent: "0" }), el("span", { textContent: milliseconds(most) })),
    el("p.quiet", { textContent: over.length
      ? `Over their share of the budget: ${over.map(({ name }) => plain(name)).join(", ")}.`
      : `Every stage stayed within its share; the whole budget is ${milliseconds(told.budget_ms)}.` }),
    el("p.quiet", { textContent: "A red line is where a stage has used its share up; the notch in the writing is the first token. Under a stage stands what it asked of services." }),
    turn.trace ? el("p.quiet", {}, "Trace ", el("code", { textContent: turn.trace })) : "",
  ];
}

function isOver({ took, limit }) {
  return limit !== null && took > limit;
}

function line(stage, most, firstToken) {
  const { name, limit, took, parts } = stage;
  const lines = limit === null ? [] : [{ at: parts[0].from + limit }];
  if (name === "write" && firstToken !== null) lines.push({ at: firstToken, kind: "notch" });
  const share = limit === null ? "no share of its own" : `${Math.round((took / limit) * 100)} % of ${milliseconds(limit)}`;
  return el(isOver(stage) ? "li.over" : "li", {},
    el("span.name", { textContent: plain(name) }),
    bar({ parts, most, lines, kind: isOver(stage) ? "bad" : "mark", label: `from ${milliseconds(parts[0].from)}, ${milliseconds(took)}` }),
    el("span.told", { textContent: milliseconds(took) }),
    el("small", { textContent: share }));
}

function callLine({ service, question, began_ms: from, took_ms: value, outcome, retried }, most) {
  const isGood = GOOD.includes(outcome);
  const came = [retried ? "tried again" : "", OUTCOMES[outcome] ?? (outcome === "ok" ? "" : plain(outcome))].filter(Boolean).join(", ");
  const name = `${plain(service)}: ${plain(question)}`;
  return el(isGood ? "li.call" : "li.call.over", {},
    el("span.name", { textContent: name, title: name }),
    bar({ parts: [{ from, value: Math.max(value, 0.001) }], most, kind: isGood ? "rest" : "bad", label: `from ${milliseconds(from)}, ${milliseconds(value)}` }),
    el("span.told", { textContent: milliseconds(value) }),
    el("small", { textContent: came }));
}

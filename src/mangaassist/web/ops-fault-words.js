// How faults are worded, and the line that says on every page with figures that some are injected.

import { el } from "./dom.js";
import { percent, plain, seconds } from "./ops-words.js";

export const MODES = { slow: "slow", fail: "failing", flap: "up and down", cut: "cut off in mid-answer", wrong: "wrong" };
export const SPOILS = { missing: "a field is missing", negative: "a price or count of −1", unknown: "a value that nobody knows", stranger: "somebody else’s row",
  huge: "ten megabytes", nested: "a hundred thousand brackets", poisoned: "instructions in its texts" };

export function faultWords({ mode, delay_ms: delay, rate, spoil, left_s: left }) {
  const timed = mode === "slow" || mode === "flap" ? `, ${seconds(delay / 1000)}` : "";
  const spoilt = mode === "wrong" ? ` (${spoil ? SPOILS[spoil] : "in each way in turn"})` : "";
  const share = rate < 1 ? `, ${percent(rate, 0)} of the calls` : "";
  return `${MODES[mode]}${spoilt}${timed}${share} · ${left === null ? "until somebody ends it" : `ends in ${seconds(Math.max(0, left))}`}`;
}

export function faultsBanner() {
  const node = el("section.alarms.injected", { "aria-label": "Faults on purpose" });
  return {
    node,
    tell({ faults }) {
      node.replaceChildren(...(faults.length ? [el("h2", { textContent: "Faults on purpose" }),
        el("ul", {}, faults.map((fault) => el("li", {}, el("b", { textContent: plain(fault.service) }), el("span", { textContent: faultWords(fault) })))),
        el("a", { href: "/ops/faults", textContent: "End them" })] : []));
    },
  };
}

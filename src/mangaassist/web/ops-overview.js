// The first page of the console: how the processes do now, together.

import { el } from "./dom.js";
import { faultsBanner } from "./ops-fault-words.js";
import * as tiles from "./ops-tiles.js";
import { clock, many } from "./ops-words.js";

const EVERY_MS = 2500;
const TILES = ["turns", "firstToken", "corrections", "stages", "asked", "writers", "cost", "limits", "degraded", "processes", "services"];

export function overviewPage({ ask, say }) {
  const alarms = el("section.alarms", { "aria-label": "Alarms" });
  const injected = faultsBanner();
  const board = el("div.board");
  const foot = el("p.quiet.foot");

  async function look() {
    const told = await ask("/ops/console/overview");
    say(told.alarms.length ? `${told.alarms.length} ${told.alarms.length === 1 ? "alarm" : "alarms"}` : "No alarm");
    alarms.replaceChildren(...tiles.alarmsOf(told));
    board.replaceChildren(...TILES.map((name) => tiles[name](told)));
    foot.textContent = `As of ${clock(told.at)}. Sums are since each process started; percentiles and shares are of the newest ${many(told.of)} answers.`;
    if (told.injects_faults) injected.tell(await ask("/ops/console/faults"));
  }

  return { title: "Overview", everyMs: EVERY_MS, look, nodes: [injected.node, alarms, board, foot] };
}

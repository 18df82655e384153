// A line of the console's pages: that what changes now is found later, where they are told so (`changes_wait`).

import { el } from "./dom.js";

const WORDS = "The index is being made for another encoder. Until it is whole, the one before answers, by words alone: "
  + "page changes are not found yet, and what was set aside is not tried.";

/** `node` is shown while changes wait; `when` words how soon they count. */
export function waitingLine() {
  const node = el("p.waits", { role: "status" });
  let does = false;
  return {
    node,
    tell(now) {
      if (now !== does) node.textContent = now ? WORDS : "";
      does = now;
    },
    when: (soon) => (does ? "when the index is whole" : soon),
  };
}

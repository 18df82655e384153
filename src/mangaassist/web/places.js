// Where an operator can go: the console's pages and the desk, the same on each of them.

import { el } from "./dom.js";

const PLACES = [
  ["/ops", "Overview"],
  ["/ops/turns", "Turns"],
  ["/ops/audit", "Audit"],
  ["/ops/knowledge", "Knowledge"],
  ["/ops/pages", "Pages"],
  ["/ops/faults", "Faults"],
  ["/ops/desk", "Desk"],
];

/** Fills a navigation; the page that one is on is marked. */
export function showPlaces(nav) {
  const here = window.location.pathname.replace(/\/$/, "");
  nav.replaceChildren(...PLACES.map(([href, textContent]) =>
    el("a", { href, textContent, "aria-current": href === here ? "page" : null })));
}

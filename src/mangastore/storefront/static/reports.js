// For whoever works here: returns that wait, with what is wrong and its photos.

import { photoRow } from "./photos.js";
import { element, fetchJson } from "./shop.js";
import { forTheSignedIn } from "./words.js";

const box = document.getElementById("reports");
const REASONS = { changed_mind: "Changed their mind", wrong_item: "Not what was ordered", damaged: "Arrived damaged", misprint: "Printing defect", missing_item: "Not in the parcel" };
const STATES = { requested: "Parcel is on its way", received: "To be decided", refunded: "Refunded" };
const WISHES = { refund: (one) => `wants $${one.refund_amount} back`, replacement: () => "wants another copy" };

function report({ customer, titles, returned }, who) {
  return returned.cases.map((one) =>
    element(
      "article",
      { class: "order", "aria-label": one.number },
      element("header", {}, element("h2", {}, one.number), element("span", { class: "state" }, STATES[one.state])),
      element("p", {}, `${customer}: ${REASONS[one.reason].toLowerCase()}, ${WISHES[one.wish](one)}`),
      element("p", { class: "titles" }, one.asins.map((asin) => titles[asin]).join(" · ")),
      photoRow(one.photos, who.token),
    ),
  );
}

forTheSignedIn(box, "Sign in as somebody who works here.", async (who) => {
  const { reports } = await fetchJson("/returns/v1/reports", { token: who.token });
  return reports.length ? reports.flatMap((one) => report(one, who)) : [element("p", {}, "Nothing waits.")];
});

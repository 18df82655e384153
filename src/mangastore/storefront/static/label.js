// The label of a return, drawn to be printed and stuck on a parcel.

import { element, fetchJson } from "./shop.js";
import { day, forTheSignedIn } from "./words.js";

const box = document.getElementById("label");

const lines = (one) => [one.name, one.street, one.extra, `${one.city}, ${one.region} ${one.postal_code}`, one.country].filter(Boolean);

/** Bars that look like the number's; the demo's carriers read none. */
function bars(number) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  let x = 0;
  for (const letter of number) {
    const code = letter.charCodeAt(0);
    for (const bit of [1, 2, 4, 8]) {
      const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const width = code & bit ? 3 : 1.4;
      for (const [name, value] of Object.entries({ x, y: 0, width, height: 60 })) bar.setAttribute(name, value);
      svg.append(bar);
      x += width + 2;
    }
  }
  svg.setAttribute("viewBox", `0 0 ${x} 60`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

function side(title, address) {
  return element("div", {}, element("h2", {}, title), ...lines(address).map((words) => element("p", {}, words)));
}

function label(one) {
  const by = one.send_by ? element("p", {}, "Drop it off by ", element("b", {}, day(one.send_by)), ".") : null;
  const fee = Number(one.fee) ? `The label costs $${one.fee}, taken from your refund.` : "The label is free.";
  return [
    element("p", { class: "quiet" }, `Stick it on the parcel, over any old label. ${fee}`),
    by,
    element("section", { class: "ticket", "aria-label": "Label" }, one.sender ? side("From", one.sender) : null, side("To", one.to), bars(one.number), element("p", { class: "number" }, one.number)),
    element("p", { class: "choices" }, element("button", { class: "button", onclick: () => print() }, "Print the label"), element("a", { class: "button plain", href: "/returns" }, "All returns")),
  ].filter(Boolean);
}

async function parts(who) {
  const number = decodeURIComponent(location.hash.slice(1));
  const { returns } = await fetchJson("/returns/v1/returns", { token: who.token });
  const made = returns.flatMap((one) => one.cases).find((one) => one.number === number)?.label;
  return made ? label(made) : [element("p", {}, "There is no label of this number."), element("p", {}, element("a", { class: "button", href: "/returns" }, "All returns"))];
}

const draw = () => forTheSignedIn(box, "Sign in to print your label.", parts);
window.addEventListener("hashchange", draw);
draw();

// What the desk shows: a row of the queue, a turn of the conversation, what it is about. Text goes in as text.

import { el } from "./dom.js";

const STATES = { requested: "waits", left_message: "left a message", joined: "talking" };

export function row(ticket, isCurrent, choose) {
  const place = ticket.position ? `${ticket.position}` : "";
  const badge = ticket.state === "joined" ? ticket.name || "in" : place || "message";
  return el("button", { type: "button", "aria-current": isCurrent ? "true" : null, onclick: () => choose(ticket.ticket_id) },
    el("span", { className: ticket.state === "joined" ? "badge in" : "badge", textContent: badge }),
    el("strong", { textContent: ticket.reason }),
    el("small", { textContent: `${ticket.customer} · ${STATES[ticket.state] ?? ticket.state} · ${duration(ticket.waiting_s)}` }),
    ticket.about?.last_asked ? el("small", { textContent: `before: ${ticket.about.last_asked}` }) : null,
  );
}

/** One turn: what the shopper said, and what the assistant or a person did. */
export function turn(told) {
  const parts = [];
  if (told.message) parts.push(line("shopper", "", told.message));
  if (told.handoff) parts.push(line("event", "", event(told.handoff)));
  else if (told.answer) parts.push(line(told.name ? "person" : "assistant", told.name || "Assistant", told.name ? told.answer : plain(told.answer)));
  else if (told.problem) parts.push(line("event", "", `Not answered: ${told.problem.detail}`));
  if (told.products?.length) parts.push(line("event", "", `Shown: ${told.products.map(({ title }) => title).join(", ")}`));
  return parts;
}

function line(kind, who, text) {
  return el(`p.${kind}`, {}, who ? el("b", { textContent: who }) : null, text);
}

/** What the assistant marks as bold is shown without its marks. */
function plain(text) {
  return text.replaceAll("**", "");
}

function event({ state, name, position, opens_at: opensAt }) {
  if (state === "joined") return `${name || "A person"} is in.`;
  if (state === "left") return "Nobody is in any more; the assistant answers.";
  if (opensAt) return "A person was asked for, outside of opening hours.";
  return position ? `A person was asked for (number ${position}).` : "A person was asked for.";
}

export function about({ about: told, reasons }) {
  const facts = told ?? {};
  const parts = [
    ["Asked for a person because", reasons],
    ["Wanted to", facts.acts],
    ["Last question", facts.last_asked ? [facts.last_asked] : []],
    ["Orders", facts.orders],
    ["Products", facts.books],
    ["In the cart", facts.cart],
    ["Before that", facts.summary ? [facts.summary] : []],
    ["What did not work", facts.trouble],
  ];
  const shown = parts.filter(([, lines]) => lines?.length);
  return shown.flatMap(([title, lines]) => [
    el("h3", { textContent: title }),
    lines.length > 1 ? el("ul", {}, lines.map((text) => el("li", { textContent: text }))) : el("p", { textContent: lines[0] }),
  ]);
}

export function duration(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

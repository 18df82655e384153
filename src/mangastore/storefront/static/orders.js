// The orders page: orders with their parcels and returns, and what may still be done with each.

import { element, fetchJson, sendJson, toast } from "./shop.js";
import { book, byOrder, clock, day, dialog, forTheSignedIn, said } from "./words.js";

const box = document.getElementById("orders");
const STATES = { placed: "Placed", shipped: "On its way", delivered: "Delivered", cancelled: "Cancelled", refunded: "Refunded" };
const PARCELS = { label_created: "Label created", in_transit: "In transit", out_for_delivery: "Out for delivery", delivered: "Delivered" };
const WAITING = { preorder: "Preorder", backorder: "Backorder" };
const ADDRESS = [
  ["name", "Name", "shipping name", true],
  ["street", "Street and number", "shipping address-line1", true],
  ["extra", "Apartment, floor (if any)", "shipping address-line2", false],
  ["city", "City", "shipping address-level2", true],
  ["region", "State", "shipping address-level1", true],
  ["postal_code", "ZIP code", "shipping postal-code", true],
];

function parcel(one, titles) {
  const late = one.eta && one.eta < new Date().toISOString().slice(0, 10);
  const eta = one.eta ? `, ${late ? "was expected" : "expected"} ${day(one.eta)}` : "";
  const holds = titles.size > one.asins.length ? one.asins.map((asin) => titles.get(asin)).join(", ") : "";
  return element(
    "div",
    { class: "parcel" },
    element("p", {}, element("b", {}, PARCELS[one.state] ?? one.state), `${eta}. ${one.last_event}, ${day(one.last_event_at)}.`),
    element("p", { class: "quiet" }, `${one.carrier} ${one.tracking_number}${holds ? ` · ${holds}` : ""}`),
  );
}

const REFUNDS = {
  requested: (one) => `A return is under way: ${one.asins.length === 1 ? "one book" : `${one.asins.length} books`}.`,
  received: (one) => (one.wish === "replacement" ? "We are looking into it and send another copy." : "We have what we need, and are checking it."),
  refunded: (one) => `Refunded on ${day(one.refunded_at)}.`,
};

function returned(back) {
  if (!back) return [];
  const begun = back.cases.map((one) => {
    const amount = one.refund_amount && one.state !== "refunded" ? ` $${one.refund_amount} comes back to you.` : "";
    return said(REFUNDS[one.state](one) + amount, { class: "stock in_stock" });
  });
  const rest = back.cases.length ? "The rest can" : "Can";
  return [...begun, back.eligible ? said(`${rest} be returned until ${day(back.window_ends)}.`, { class: "stock in_stock" }) : null];
}

const address = (one) => [one.street, one.extra, `${one.city}, ${one.region} ${one.postal_code}`].filter(Boolean).join(", ");

function edit(one, who) {
  const fields = ADDRESS.map(([name, label, autocomplete, required]) =>
    element("label", {}, label, element("input", { name, autocomplete, required, maxlength: 80, value: one.ship_to?.[name] ?? "" })),
  );
  const note = element("p", { class: "quiet" }, "The new address must be in the same country.");
  dialog("Where shall it go?", [...fields, note], {
    yes: "Save the address",
    send: async (filled) => {
      const wanted = { ...filled, country: one.ship_to?.country ?? "US" };
      await sendJson("PUT", `/orders/v1/orders/${one.order_id}/address`, wanted, who.token);
    },
    then: () => redraw(one, "The address is changed."),
  });
}

function cancel(one, who, item = null) {
  const what = item ? item.title : `order ${one.order_id}`;
  const money = one.payment === "charged" ? "What you paid goes back to where it came from." : "Nothing has been taken from you: the hold is released at once.";
  dialog(`Cancel ${what}?`, [element("p", {}, `${money} This can't be undone.`)], {
    yes: item ? "Cancel this book" : "Cancel the order",
    no: "Keep it",
    danger: true,
    send: async () => {
      await sendJson("POST", `/orders/v1/orders/${one.order_id}/cancellation`, { asins: item ? [item.asin] : [] }, who.token);
    },
    then: () => redraw(one, item ? "The book is cancelled." : "The order is cancelled."),
  });
}

async function redraw(one, words) {
  await draw();
  document.getElementById(one.order_id)?.querySelector("h2").focus();
  toast(words);
}

/** To the first volume of its series that is missing here. */
async function goOn(one, who) {
  try {
    const { asin } = await fetchJson(`/orders/v1/orders/${one.order_id}/next`, { token: who.token });
    if (asin) location.assign(`/p/${asin}`);
    else toast("You have every volume that we sell of it.");
  } catch (error) {
    toast(error.message);
  }
}

function choices(one, back, who) {
  const link = (href, label) => element("a", { class: "button plain", href }, label);
  const button = (label, onclick) => element("button", { class: "button plain", onclick }, label);
  const made = [
    back?.eligible && link(`/returns#${one.order_id}`, "Return items"),
    back?.reasons?.length && link(`/returns?problem#${one.order_id}`, "Report a problem"),
    ...(back?.cases ?? []).filter((each) => each.label).map((each) => link(`/returns/label#${each.number}`, "Print the label")),
    back?.cases.length && link(`/returns#${one.order_id}`, back.cases.length > 1 ? "See the returns" : "See the return"),
    one.state !== "placed" && one.state !== "cancelled" && link(`/orders/invoice#${one.order_id}`, "Invoice"),
    one.state === "delivered" && button("Continue series", () => goOn(one, who)),
    one.cancelling.allowed && button("Cancel order", () => cancel(one, who)),
    one.address_change.allowed && button("Edit address", () => edit(one, who)),
  ].filter(Boolean);
  return made.length ? element("div", { class: "choices" }, ...made) : null;
}

function item(one, order, who) {
  const waits = one.expected ? `${WAITING[one.availability] ?? ""}, expected ${day(one.expected)}` : "";
  const stop = one.cancellable && element("button", { class: "link", onclick: () => cancel(order, who, one) }, "Cancel this book");
  return book(one, said(waits, { class: "quiet" }), stop || null);
}

function card(one, parcels, back, who) {
  const titles = new Map(one.items.map((line) => [line.asin, line.title]));
  const until = one.cancelling.allowed && one.cancelling.until ? `It can be cancelled until ${clock(one.cancelling.until)}.` : "";
  return element(
    "article",
    { class: "order", id: one.order_id, "aria-labelledby": `of-${one.order_id}` },
    element(
      "header",
      {},
      element("h2", { id: `of-${one.order_id}`, tabindex: -1 }, `Order ${one.order_id}`),
      element("span", { class: `state ${one.state}` }, STATES[one.state] ?? one.state),
    ),
    element("p", { class: "quiet" }, `Placed ${day(one.placed_at)} · $${one.total}${one.is_gift ? " · a gift" : ""}`),
    ...parcels.map((each) => parcel(each, titles)),
    one.ship_to && one.state === "placed" ? said(`Goes to ${one.ship_to.name}, ${address(one.ship_to)}.`) : null,
    said(until, { class: "stock in_stock" }),
    ...returned(back),
    choices(one, back, who),
    ...one.items.map((line) => item(line, one, who)),
  );
}

async function cards(who) {
  const get = (path) => fetchJson(path, { token: who.token });
  // Parcels and returns are extras: without them the orders are still shown.
  const [{ orders }, parcels, returns] = await Promise.all([
    get("/orders/v1/orders?limit=50"),
    get("/shipping/v1/shipments").then((body) => byOrder(body.shipments)).catch(() => new Map()),
    get("/returns/v1/returns").then((body) => byOrder(body.returns)).catch(() => new Map()),
  ]);
  if (!orders.length) return [element("p", {}, "You have not ordered anything yet."), element("p", {}, element("a", { class: "button", href: "/" }, "Find something to read"))];
  return orders.map((one) => card(one, parcels.get(one.order_id) ?? [], returns.get(one.order_id)?.[0], who));
}

const draw = () => forTheSignedIn(box, "Sign in to see your orders.", cards);

function show() {
  document.querySelector(".order.shown")?.classList.remove("shown");
  const meant = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  meant?.classList.add("shown");
  meant?.scrollIntoView();
}

window.addEventListener("hashchange", show);
await draw();
show();

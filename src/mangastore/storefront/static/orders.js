// The orders page: orders with their parcels and returns, fetched with the shopper's token.

import { element, fetchJson, session, signOut } from "./shop.js";

const box = document.getElementById("orders");
const day = (text) => new Date(text.length === 10 ? `${text}T12:00:00Z` : text).toLocaleDateString("en-US", { month: "long", day: "numeric", year: "numeric" });
const STATES = { placed: "Placed", shipped: "On its way", delivered: "Delivered", cancelled: "Cancelled", refunded: "Refunded" };
const PARCELS = { label_created: "Label created", in_transit: "In transit", out_for_delivery: "Out for delivery", delivered: "Delivered" };

function item(one) {
  return element(
    "div",
    { class: "line" },
    element("a", { href: `/p/${one.asin}` }, element("img", { src: `/covers/${one.asin}.svg`, alt: "", width: 76, height: 114 })),
    element("p", {}, element("a", { href: `/p/${one.asin}` }, one.title)),
    element("p", { class: "amount" }, `${one.quantity} × $${one.unit_price}`),
  );
}

function parcel(one) {
  if (!one) return null;
  const eta = one.eta ? `, expected ${day(one.eta)}` : "";
  return element("p", {}, element("b", {}, PARCELS[one.state] ?? one.state), `${eta}. ${one.carrier} ${one.tracking_number}. ${one.last_event}.`);
}

function returned(one) {
  if (!one) return null;
  if (one.refunded_at) return element("p", {}, `$${one.refund_amount} refunded on ${day(one.refunded_at)}.`);
  if (one.eligible) return element("p", { class: "stock in_stock" }, `Can be returned until ${day(one.window_ends)}.`);
  return element("p", { class: "quiet" }, one.reason ?? "");
}

function order(one, shipment, back) {
  return element(
    "article",
    { class: "order", id: one.order_id },
    element(
      "header",
      {},
      element("h2", {}, `Order ${one.order_id}`),
      element("span", { class: `state ${one.state}` }, STATES[one.state] ?? one.state),
    ),
    element("p", { class: "quiet" }, `Placed ${day(one.placed_at)} · $${one.total}`),
    parcel(shipment),
    returned(back),
    ...one.items.map(item),
  );
}

const byOrder = (rows) => new Map(rows.map((row) => [row.order_id, row]));

async function draw() {
  const who = session();
  if (!who) {
    const link = element("a", { class: "button", href: `/sign-in?next=${encodeURIComponent("/orders" + location.hash)}` }, "Sign in");
    return box.replaceChildren(element("p", {}, "Sign in to see your orders."), link);
  }
  const get = (path) => fetchJson(path, { token: who.token });
  try {
    // Parcels and returns are extras: without them the orders are still shown.
    const [{ orders }, parcels, returns] = await Promise.all([
      get("/orders/v1/orders?limit=50"),
      get("/shipping/v1/shipments").then((body) => byOrder(body.shipments)).catch(() => new Map()),
      get("/returns/v1/returns").then((body) => byOrder(body.returns)).catch(() => new Map()),
    ]);
    const cards = orders.map((one) => order(one, parcels.get(one.order_id), returns.get(one.order_id)));
    box.replaceChildren(...(cards.length ? cards : [element("p", {}, "You have not ordered anything yet.")]));
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  } catch (error) {
    if (error.status === 401) {
      signOut();
      return draw();
    }
    box.replaceChildren(element("p", { class: "wrong" }, `Your orders could not be loaded. ${error.message}`));
  }
}

draw();

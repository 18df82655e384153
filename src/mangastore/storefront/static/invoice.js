// The invoice of an order, drawn to be printed or kept as a PDF.

import { element, fetchJson } from "./shop.js";
import { day, forTheSignedIn } from "./words.js";

const box = document.getElementById("invoice");

const row = (name, amount) => element("tr", {}, element("th", { scope: "row", colspan: 2 }, name), element("td", {}, `$${amount}`));
const line = (one) => element("tr", {}, element("td", {}, one.title), element("td", {}, String(one.quantity)), element("td", {}, `$${one.unit_price}`));

function invoice(order) {
  const head = element("tr", {}, ...["Book", "Copies", "Price each"].map((name) => element("th", { scope: "col" }, name)));
  const totals = [row("Shipping", order.shipping_fee), row("In all", order.total)];
  return [
    element("p", {}, `Order ${order.order_id}, placed ${day(order.placed_at)}`),
    order.ship_to ? element("p", {}, [order.ship_to.name, order.ship_to.street, `${order.ship_to.city}, ${order.ship_to.region} ${order.ship_to.postal_code}`].join(", ")) : null,
    element("table", { class: "invoice" }, element("thead", {}, head), element("tbody", {}, ...order.items.map(line)), element("tfoot", {}, ...totals)),
    element("p", { class: "quiet" }, "Nothing was sold: this is a demo, and its prices hold no tax."),
    element("p", { class: "choices" }, element("button", { class: "button", onclick: () => print() }, "Print or save as PDF"), element("a", { class: "button plain", href: "/orders" }, "All orders")),
  ].filter(Boolean);
}

const draw = () => forTheSignedIn(box, "Sign in to see your invoice.", async (who) => invoice(await fetchJson(`/orders/v1/orders/${encodeURIComponent(location.hash.slice(1))}`, { token: who.token })));

window.addEventListener("hashchange", draw);
draw();

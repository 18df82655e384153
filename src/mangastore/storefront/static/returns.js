// The returns page: what can go back, the form that begins a return, and what is under way. `#ORDER` shows one order's, `?problem#ORDER`
// only the reasons that are the store's fault.

import { element, fetchJson, sendJson } from "./shop.js";
import { book, day, forTheSignedIn, said } from "./words.js";

const box = document.getElementById("returns");
const onlyProblems = () => new URLSearchParams(location.search).has("problem");
const WISHES = { refund: "A refund", replacement: "Another copy, free of charge" };

const mark = (type, name, value, label, hint, attributes = {}) =>
  element(
    "label",
    { class: "option" },
    element("input", { type, name, value, ...attributes }),
    element("span", {}, element("b", {}, label), hint ? element("span", { class: "quiet" }, hint) : null),
  );

let helpAddress = ""; // told by the store's facts; without it nobody is asked for photos

/** Faults are shown best; photos go by mail. */
function photos(order) {
  if (!helpAddress) return null;
  const subject = encodeURIComponent(`Order ${order.order_id}`);
  return element("p", { class: "quiet" }, "A photo of the fault helps: send it to ", element("a", { href: `mailto:${helpAddress}?subject=${subject}` }, helpAddress), ".");
}

function hint(one) {
  const copy = one.keeps_copy ? "Nothing to send back." : Number(one.label_fee) ? `The prepaid label costs $${one.label_fee}, taken from your refund.` : "The prepaid label is free.";
  return `${copy} Until ${day(one.until)}.`;
}

const group = (legend, ...parts) => element("fieldset", {}, element("legend", {}, legend), ...parts);

function form(order, back, who) {
  const books = order.items.map((one) => mark("checkbox", "asin", one.asin, one.title, `$${one.unit_price}`, { checked: order.items.length === 1 }));
  const offered = back.reasons.filter((one) => one.can_replace || !onlyProblems());
  const reasons = offered.map((one) => mark("radio", "reason", one.reason, one.words, hint(one), { required: true }));
  const wishes = group("What shall we do?", ...Object.entries(WISHES).map(([name, label], place) => mark("radio", "wish", name, label, "", { checked: place === 0 })));
  const wrong = element("p", { class: "wrong", role: "alert", hidden: true });
  const send = element("button", { class: "button" }, "Start the return");
  const mail = photos(order) ?? "";
  const made = element("form", { class: "form wider" }, group("Which books?", ...books), group(onlyProblems() ? "What is wrong?" : "Why?", ...reasons), wishes, mail, wrong, send);
  const chosen = () => back.reasons.find((one) => one.reason === new FormData(made).get("reason"));
  const adapt = () => {
    wishes.hidden = !chosen()?.can_replace;
    if (mail) mail.hidden = !chosen()?.keeps_copy;
    send.textContent = chosen()?.keeps_copy ? "Send the report" : "Start the return";
  };
  made.addEventListener("change", adapt);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    const filled = new FormData(made);
    const asins = filled.getAll("asin");
    wrong.hidden = asins.length > 0;
    if (!asins.length) return void (wrong.textContent = "Choose at least one book.");
    send.disabled = true;
    try {
      const wish = wishes.hidden ? "refund" : filled.get("wish");
      await sendJson("POST", "/returns/v1/returns", { order_id: order.order_id, asins, reason: filled.get("reason"), wish }, who.token);
      await draw();
      box.querySelector("h2")?.focus();
    } catch (error) {
      wrong.textContent = error.message;
      wrong.hidden = false;
      send.disabled = false;
    }
  });
  adapt();
  return made;
}

const TOLD = {
  requested: (back) => ["Your return is under way.", back.label?.send_by ? `Pack the books so that they can't move, and drop the parcel off by ${day(back.label.send_by)}.` : "Pack the books so that they can't move, and drop the parcel off."],
  received: (back) => ["We are on it.", back.return_reason === "wrong_item" ? "Your parcel is here and is being checked." : "You need not send anything back."],
  refunded: (back) => ["This return is done.", `Refunded on ${day(back.refunded_at)}.`],
};

function underWay(order, back) {
  const [title, next] = TOLD[back.state](back);
  const gives = back.wish === "replacement" ? "We send another copy free of charge." : `You get back $${back.refund_amount}${Number(back.label?.fee ?? 0) ? `; the label of $${back.label.fee} is already taken off` : ""}.`;
  return [
    element("h2", { tabindex: -1 }, title),
    element("p", {}, next),
    element("p", {}, gives),
    back.label && element("p", {}, element("a", { class: "button", href: `/returns/label#${order.order_id}` }, "Print the label")),
    ...order.items.filter((one) => back.asins.includes(one.asin)).map((one) => book(one)),
  ].filter(Boolean);
}

function one(order, back, who) {
  const crumbs = element("p", {}, element("a", { href: "/returns" }, "All returns"), " · ", element("a", { href: `/orders#${order.order_id}` }, `Order ${order.order_id}`));
  if (back.state !== "none") return [crumbs, ...underWay(order, back)];
  if (back.reasons.length) return [crumbs, element("h2", { tabindex: -1 }, onlyProblems() ? "Report a problem" : "Return items"), form(order, back, who)];
  return [crumbs, element("h2", { tabindex: -1 }, "This order can't be returned"), element("p", {}, back.reason ?? "")];
}

const STEPS = { requested: "Waiting for your parcel", received: "Being checked", refunded: "Refunded" };

function entry(order, back) {
  const can = back.state === "none";
  const told = can ? (back.eligible ? `Until ${day(back.window_ends)}` : "Problems can still be reported") : STEPS[back.state];
  return element(
    "article",
    { class: "order" },
    element("header", {}, element("h2", {}, `Order ${order.order_id}`), element("span", { class: "state" }, told)),
    element("p", { class: "titles" }, order.items.map((each) => each.title).join(" · ")),
    element("div", { class: "choices" }, element("a", { class: "button plain", href: `#${order.order_id}` }, can ? (back.eligible ? "Return items" : "Report a problem") : "See the return")),
  );
}

function overview(pairs) {
  const shelf = (title, found) => (found.length ? [element("h2", { class: "part" }, title), ...found.map(([order, back]) => entry(order, back))] : []);
  const begun = pairs.filter(([, back]) => back.state !== "none");
  const open = pairs.filter(([, back]) => back.state === "none" && back.reasons.length);
  const none = said(open.length ? "" : "Nothing of yours can be returned right now. What is not delivered yet can't go back yet.");
  const policy = element("p", {}, element("a", { href: "/help/policy-returns" }, "How returns work"));
  return [none, ...shelf("Can go back", open), ...shelf("Your returns", begun), policy].filter(Boolean);
}

async function parts(who) {
  const get = (path) => fetchJson(path, { token: who.token });
  const [{ orders }, { returns }, facts] = await Promise.all([
    get("/orders/v1/orders?limit=50"),
    get("/returns/v1/returns"),
    get("/content/v1/store-facts").catch(() => null),
  ]);
  helpAddress = facts?.support?.email ?? "";
  const pairs = returns.map((back) => [orders.find((order) => order.order_id === back.order_id), back]).filter(([order]) => order);
  const meant = decodeURIComponent(location.hash.slice(1));
  const pair = pairs.find(([order]) => order.order_id === meant);
  return pair ? one(...pair, who) : overview(pairs);
}

const draw = () => forTheSignedIn(box, "Sign in to send something back.", parts);

window.addEventListener("hashchange", async () => {
  await draw();
  window.scrollTo(0, 0);
  box.querySelector("h2")?.focus();
});
draw();

// The returns page: what can go back, the form that begins a return, and what is under way. `#ORDER` shows one order's, `?problem#ORDER`
// only the reasons that are the store's fault.

import { photoField, photoRow, sendPhotos } from "./photos.js";
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

let trouble = null; // {number, message}: a photo that was not taken, told beside its return

function hint(one) {
  const copy = one.keeps_copy ? "Nothing to send back." : Number(one.label_fee) ? `The prepaid label costs $${one.label_fee}, taken from your refund.` : "The prepaid label is free.";
  return `${copy} Until ${day(one.until)}.`;
}

const group = (legend, ...parts) => element("fieldset", {}, element("legend", {}, legend), ...parts);

function form(order, back, who) {
  const left = order.items.filter((one) => back.open_asins.includes(one.asin));
  const books = left.map((one) => mark("checkbox", "asin", one.asin, one.title, `$${one.unit_price}`, { checked: left.length === 1 }));
  const offered = back.reasons.filter((one) => one.can_replace || !onlyProblems());
  const reasons = offered.map((one) => mark("radio", "reason", one.reason, one.words, hint(one), { required: true }));
  const wishes = group("What shall we do?", ...Object.entries(WISHES).map(([name, label], place) => mark("radio", "wish", name, label, "", { checked: place === 0 })));
  const photos = photoField(Math.max(...offered.map((one) => one.photos)));
  const wrong = element("p", { class: "wrong", role: "alert", hidden: true });
  const send = element("button", { class: "button" }, "Start the return");
  const made = element("form", { class: "form wider" }, group("Which books?", ...books), group(onlyProblems() ? "What is wrong?" : "Why?", ...reasons), wishes, photos, wrong, send);
  const chosen = () => back.reasons.find((one) => one.reason === new FormData(made).get("reason"));
  const adapt = () => {
    wishes.hidden = !chosen()?.can_replace;
    photos.hidden = !chosen()?.photos;
    send.textContent = chosen()?.keeps_copy ? "Send the report" : "Start the return";
  };
  const begin = async () => {
    const filled = new FormData(made);
    const wish = wishes.hidden ? "refund" : filled.get("wish");
    const asked = { order_id: order.order_id, asins: filled.getAll("asin"), reason: filled.get("reason"), wish };
    const { cases } = await sendJson("POST", "/returns/v1/returns", asked, who.token);
    if (!photos.hidden) await attach(cases.at(-1).number, photos.chosen(), who);
  };
  made.addEventListener("change", adapt);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!new FormData(made).has("asin")) Object.assign(wrong, { textContent: "Choose at least one book.", hidden: false });
    else submit(send, wrong, begin);
  });
  adapt();
  return made;
}

/** Photos that are not taken undo nothing: the return stands, and says what became of them. */
async function attach(number, files, who) {
  trouble = await sendPhotos(number, files, who.token).then(() => null, ({ message }) => ({ number, message }));
}

/** Does it once, with what went wrong in words; the page is drawn anew behind it. */
async function submit(button, wrong, does) {
  wrong.hidden = true;
  button.disabled = true;
  try {
    await does();
    await draw();
    box.querySelector("h2")?.focus();
  } catch (error) {
    Object.assign(wrong, { textContent: error.message, hidden: false });
    button.disabled = false;
  }
}

/** More photos for a return that is begun. */
function morePhotos(one, who) {
  if (!one.photos_left) return null;
  const field = photoField(one.photos_left);
  const told = trouble?.number === one.number ? trouble.message : "";
  const wrong = element("p", { class: "wrong", role: "alert", hidden: !told }, told);
  const send = element("button", { class: "button plain" }, "Send the photos");
  const made = element("form", { class: "form wider" }, field, wrong, send);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!field.chosen().length) Object.assign(wrong, { textContent: "Choose a photo first.", hidden: false });
    else submit(send, wrong, () => attach(one.number, field.chosen(), who));
  });
  return made;
}

const TOLD = {
  requested: (one) => ["Your return is under way.", one.label?.send_by ? `Pack the books so that they can't move, and drop the parcel off by ${day(one.label.send_by)}.` : "Pack the books so that they can't move, and drop the parcel off."],
  received: (one) => ["We are on it.", one.keeps_copy ? "You need not send anything back." : "Your parcel is here and is being checked."],
  refunded: (one) => ["This return is done.", `Refunded on ${day(one.refunded_at)}.`],
};

function underWay(one, order, who) {
  const [title, next] = TOLD[one.state](one);
  const gives = one.wish === "replacement" ? "We send another copy free of charge." : `You get back $${one.refund_amount}${Number(one.label?.fee ?? 0) ? `; the label of $${one.label.fee} is already taken off` : ""}.`;
  return element(
    "section",
    { "aria-label": `Return ${one.number}` },
    element("h2", { tabindex: -1 }, title),
    element("p", {}, next),
    element("p", {}, gives),
    one.label && element("p", {}, element("a", { class: "button", href: `/returns/label#${one.number}` }, "Print the label")),
    ...order.items.filter((each) => one.asins.includes(each.asin)).map((each) => book(each)),
    photoRow(one.photos, who.token),
    morePhotos(one, who),
  );
}

function one(order, back, who) {
  const crumbs = element("p", {}, element("a", { href: "/returns" }, "All returns"), " · ", element("a", { href: `/orders#${order.order_id}` }, `Order ${order.order_id}`));
  const begun = back.cases.toReversed().map((each) => underWay(each, order, who));
  const title = onlyProblems() ? "Report a problem" : "Return items";
  const heading = (words) => element("h2", { tabindex: -1 }, words);
  if (back.reasons.length) return [crumbs, ...begun, heading(begun.length ? "What you still have" : title), form(order, back, who)];
  return begun.length ? [crumbs, ...begun] : [crumbs, heading("This order can't be returned"), element("p", {}, back.reason ?? "")];
}

const STEPS = { requested: "Waiting for your parcel", received: "Being checked", refunded: "Refunded" };

function entry(order, back, can) {
  const told = can ? (back.eligible ? `Until ${day(back.window_ends)}` : "Problems can still be reported") : STEPS[back.state];
  const titles = order.items.filter((each) => back.open_asins.includes(each.asin) === can).map((each) => each.title);
  return element(
    "article",
    { class: "order" },
    element("header", {}, element("h2", {}, `Order ${order.order_id}`), element("span", { class: "state" }, told)),
    element("p", { class: "titles" }, titles.join(" · ")),
    element("div", { class: "choices" }, element("a", { class: "button plain", href: `#${order.order_id}` }, can ? (back.eligible ? "Return items" : "Report a problem") : "See the return")),
  );
}

function overview(pairs) {
  const shelf = (title, found) => (found.length ? [element("h2", { class: "part" }, title), ...found] : []);
  const begun = pairs.filter(([, back]) => back.cases.length).map((pair) => entry(...pair, false));
  const open = pairs.filter(([, back]) => back.reasons.length).map((pair) => entry(...pair, true));
  const none = said(open.length ? "" : "Nothing of yours can be returned right now. What is not delivered yet can't go back yet.");
  const policy = element("p", {}, element("a", { href: "/help/policy-returns" }, "How returns work"));
  return [none, ...shelf("Can go back", open), ...shelf("Your returns", begun), policy].filter(Boolean);
}

async function parts(who) {
  const get = (path) => fetchJson(path, { token: who.token });
  const [{ orders }, { returns }] = await Promise.all([get("/orders/v1/orders?limit=50"), get("/returns/v1/returns")]);
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

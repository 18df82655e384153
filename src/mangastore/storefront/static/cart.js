// The cart page: lines with live prices, quantities, and the sum.

import { cart, element, fetchJson, session, setQuantity, toast } from "./shop.js";

const box = document.getElementById("cart");
const cents = (price) => Math.round(Number(price.slice(1)) * 100);
const dollars = (amount) => `$${(amount / 100).toFixed(2)}`;
let member = false;
let freeFrom = null; // cents; what the store's facts do not tell is not said

const priceOf = (card) => (member && card.member_price ? card.member_price : card.price);

function stepper(asin, quantity, { title, most }) {
  const button = (sign, change) =>
    element("button", { "aria-label": `${change > 0 ? "One more" : "One less"}: ${title}`, disabled: quantity + change > most, onclick: () => setQuantity(asin, quantity + change) }, sign);
  return element("span", { class: "stepper" }, button("−", -1), element("span", {}, String(quantity)), button("+", 1));
}

function line({ asin, quantity }, card) {
  return element(
    "div",
    { class: "line" },
    element("img", { src: card.image_url, alt: "", width: 76, height: 114 }),
    element(
      "div",
      {},
      element("p", {}, element("a", { href: card.url }, card.title)),
      element("p", { class: "quiet" }, `${card.format} · ${priceOf(card)} each`),
      element("p", { class: `stock ${card.stock_state}` }, card.stock),
      stepper(asin, quantity, card),
      quantity >= card.most ? element("p", { class: "quiet" }, `One order holds at most ${card.most} copies of it.`) : null,
      element("button", { class: "link", onclick: () => setQuantity(asin, 0) }, "Remove"),
    ),
    element("p", { class: "amount" }, dollars(cents(priceOf(card)) * quantity)),
  );
}

function shipping(sum) {
  if (member) return "Standard shipping is free.";
  if (freeFrom === null) return "";
  return sum >= freeFrom ? "Standard shipping is free." : `${dollars(freeFrom - sum)} to go until standard shipping is free.`;
}

function summary(sum) {
  return element(
    "div",
    {},
    element("p", { class: "sum" }, element("b", {}, "Subtotal"), element("b", {}, dollars(sum))),
    element("p", { class: "quiet" }, member ? `Inkwell Circle prices. ${shipping(sum)}` : shipping(sum)),
    extras,
    element("button", { class: "button", onclick: () => toast("This is a demo store: nothing is sold here.") }, "Check out"),
  );
}

/** A code is looked up among the offers that run; what it takes off would be worked out at the checkout, which the demo has not. */
async function apply(code, told) {
  const { promotions } = await fetchJson("/promotions/v1/promotions");
  const found = promotions.find((one) => one.code?.toUpperCase() === code.trim().toUpperCase());
  told.textContent = found ? `${found.title}. ${found.terms}` : "This code is none that runs today.";
}

function promoCode() {
  const told = element("p", { role: "status", class: "quiet" });
  const form = element("form", { class: "form code" }, element("label", {}, "Promo code", element("input", { name: "code", required: true, maxlength: 40, autocomplete: "off" })), element("button", { class: "button plain" }, "Apply"), told);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply(new FormData(form).get("code"), told).catch((error) => (told.textContent = error.message));
  });
  return form;
}

function gift() {
  const message = element("label", { hidden: true }, "Your message", element("textarea", { rows: 3, maxlength: 200 }));
  const box = element("input", { type: "checkbox", onchange: () => (message.hidden = !box.checked) });
  return element("div", { class: "form gift" }, element("label", { class: "option" }, box, element("span", {}, element("b", {}, "This is a gift"))), message);
}

const extras = element("div", { class: "extras" }, promoCode(), gift()); // made once: what is typed stays when the cart changes

function empty() {
  return element(
    "div",
    { class: "empty" },
    element("p", {}, "There is nothing in it yet."),
    element("p", {}, element("a", { class: "button", href: "/" }, "Find something to read")),
  );
}

let latest = 0;

async function draw() {
  const turn = ++latest;
  const lines = cart();
  if (lines.length === 0) return box.replaceChildren(empty());
  try {
    const query = lines.map((one) => `asin=${one.asin}`).join("&");
    const { cards } = await fetchJson(`/storefront/cards?${query}`);
    if (turn !== latest) return;
    const known = new Map(cards.map((card) => [card.asin, card]));
    const shown = lines.filter((one) => known.has(one.asin));
    const over = shown.find((one) => one.quantity > known.get(one.asin).most);
    if (over) return setQuantity(over.asin, known.get(over.asin).most); // which draws anew
    const sum = shown.reduce((total, one) => total + cents(priceOf(known.get(one.asin))) * one.quantity, 0);
    box.replaceChildren(...shown.map((one) => line(one, known.get(one.asin))), summary(sum));
  } catch (error) {
    if (turn === latest) box.replaceChildren(element("p", { class: "wrong" }, error.message));
  }
}

async function learnMembership() {
  const who = session();
  if (!who) return;
  try {
    member = (await fetchJson("/profile/v1/me", { token: who.token })).member === true;
  } catch {
    member = false; // without the profile everybody pays the usual price
  }
}

async function learnShipping() {
  const facts = await fetchJson("/content/v1/store-facts").catch(() => null);
  const told = facts?.delivery?.free_from;
  freeFrom = told ? cents(`$${told}`) : null;
}

document.addEventListener("mangaassist:context", draw);
await Promise.all([learnMembership(), learnShipping()]);
draw();

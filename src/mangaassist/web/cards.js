// Product cards and buttons: what can be bought, and what can be done next.

import { words } from "./answer.js";
import { el, icon, safeUrl } from "./dom.js";
import { isAsin } from "./page.js";
import { say } from "./say.js";

const CONFIRM_MS = 2500;
const GAP_PX = 10;

/**
 * What cards and buttons may do. `base` resolves relative addresses; `inCart(asin)` says what the host page knows;
 * `ask(text)` goes on in the chat, `callPerson()` asks for a person, `note(text)` says something in the conversation;
 * `used(event)` hears what the shopper uses of an answer.
 */
export class Shop {
  constructor({ base, inCart, ask, callPerson, note, used }) {
    Object.assign(this, { base, inCart, ask, callPerson, note, used });
  }

  /** `name`: "clicked" or "added"; `node` is what was used, in the answer that showed it. */
  tell(name, node, { asin, button }) {
    const answer = node.closest("[data-response]");
    const named = { ...(isAsin(asin) && { asin }), ...(button && { button }) };
    if (answer) this.used({ name, response_id: answer.dataset.response, ...named });
  }

  /** Tells the host page, which owns cart, orders and sign-in. True when it says (`preventDefault`) that it takes care of it. */
  tellPage(what, detail) {
    return !document.dispatchEvent(new CustomEvent(`mangaassist:${what}`, { detail, cancelable: true }));
  }

  goTo(address) {
    const url = safeUrl(address, this.base);
    if (!url) return;
    if (new URL(url).origin === window.location.origin) window.location.assign(url);
    else window.open(url, "_blank", "noopener,noreferrer");
  }
}

/** A row that scrolls sideways, with a button for each way where there is more than fits. */
export function productList(products, shop) {
  const cards = products.filter((item) => item && typeof item === "object").map((item) => productCard(item, shop));
  const row = el("ul.cards", { role: "list", "aria-label": say("products") }, cards);
  if (cards.length < 2) return row;
  const step = (way) => row.scrollBy({ left: way * (cards[0].offsetWidth + GAP_PX) * Math.max(1, Math.floor(row.clientWidth / cards[0].offsetWidth)) });
  const back = el("button.step", { type: "button", "aria-label": say("backwards"), onclick: () => step(-1) }, icon("back"));
  const forth = el("button.step", { type: "button", "aria-label": say("forwards"), onclick: () => step(1) }, icon("forth"));
  const shelf = el("div.shelf", {}, row, el("div.steps", {}, back, forth));
  const mark = () => {
    const { scrollLeft, scrollWidth, clientWidth } = row;
    back.disabled = scrollLeft < GAP_PX;
    forth.disabled = scrollLeft + clientWidth > scrollWidth - GAP_PX;
    shelf.classList.toggle("fits", back.disabled && forth.disabled);
  };
  row.addEventListener("scroll", mark, { passive: true });
  new ResizeObserver(mark).observe(row);
  return shelf;
}

function productCard(item, shop) {
  const url = safeUrl(item.url, shop.base);
  const title = words(item.title) || say("untitled");
  return el(
    "li.card",
    { "data-asin": words(item.asin) },
    cover(item, title, shop),
    el(
      "div.about",
      {},
      el("p.title", {}, url ? link("a", { href: url, textContent: title }, item, shop) : title),
      el("p.byline", { textContent: [words(item.author), words(item.format)].filter(Boolean).join(" · ") }),
      rating(item),
      prices(item),
      item.availability ? availability(words(item.availability)) : null,
    ),
    item.reason ? el("p.reason", { textContent: words(item.reason) }) : null,
    el("div.deeds", {}, buyable(item) ? cartButton(item.asin, title, shop) : null, url ? view(url, title, item, shop) : null),
  );
}

function cover(item, title, shop) {
  const source = safeUrl(item.image_url, shop.base);
  const frame = el("div.cover", { "aria-hidden": "true" }, el("span", { textContent: [...title][0] ?? "" }));
  if (!source) return frame;
  const image = el("img", { src: source, alt: "", loading: "lazy", decoding: "async", referrerPolicy: "no-referrer" });
  image.addEventListener("error", () => image.remove());
  frame.append(image);
  return frame;
}

function rating({ rating: mean, review_count: count }) {
  if (typeof mean !== "number" || !Number.isFinite(mean)) return null;
  const full = Math.max(0, Math.min(5, mean));
  const stars = el("span.stars", { "aria-hidden": "true", textContent: "★★★★★" });
  stars.style.setProperty("--filled", `${full * 20}%`);
  const counted = Number.isFinite(count) ? ` (${Number(count).toLocaleString()})` : "";
  const spoken = say("rated", { mean: full.toFixed(1) }) + (counted && say("ratings", { count: Number(count).toLocaleString() }));
  return el(
    "p.rating",
    {},
    stars,
    el("span", { "aria-hidden": "true", textContent: `${full.toFixed(1)}${counted}` }),
    el("span.spoken", { textContent: spoken }),
  );
}

/** A card whose price the store did not confirm names none (S-1). */
function prices(item) {
  if (!words(item.price)) return el("p.price.unknown", { textContent: say("noPrice") });
  const before = words(item.list_price);
  return el(
    "p.price",
    {},
    el("span.spoken", { textContent: say("price") }),
    el("strong", { textContent: item.price }),
    before ? [el("span.spoken", { textContent: say("priceBefore") }), el("s", { textContent: before })] : null,
  );
}

function buyable(item) {
  return words(item.asin) !== "" && !/^out of/i.test(words(item.availability));
}

function availability(text) {
  const tone = /^in stock/i.test(text) ? "good" : /^out of/i.test(text) ? "bad" : "soso";
  return el(`p.stock.${tone}`, { textContent: text });
}

function view(url, title, item, shop) {
  return link("a.deed", { href: url, "aria-label": say("viewTitle", { title }), textContent: say("view") }, item, shop);
}

function link(tag, properties, { asin }, shop) {
  const made = el(tag, properties);
  for (const kind of ["click", "auxclick"]) made.addEventListener(kind, () => shop.tell("clicked", made, { asin: words(asin) }));
  return made;
}

/** Says "In cart" only once the host page says so. */
function cartButton(asin, title, shop) {
  const button = el("button.deed.cart", { type: "button", "data-cart": asin, "data-title": title });
  button.addEventListener("click", () => addToCart(button, asin, shop));
  return showCart(button, shop);
}

/** Once: what is in the cart, or on its way there, is not put there again. */
function addToCart(button, asin, shop) {
  if (shop.inCart(asin) || "adding" in button.dataset) return;
  button.textContent = say("adding");
  button.dataset.adding = "";
  shop.tell("clicked", button, { asin, button: "add_to_cart" });
  const heard = shop.tellPage("add-to-cart", { asin });
  setTimeout(() => {
    delete button.dataset.adding;
    if (!heard && !shop.inCart(asin)) shop.note(say("notAdded"));
    showCart(button, shop);
  }, CONFIRM_MS);
  showCart(button, shop);
}

/** Brings a cart button in line with what the host page says is in the cart. Its name is what it says. */
export function showCart(button, shop) {
  const { cart: asin, title } = button.dataset;
  const inside = shop.inCart(asin);
  if (inside && "adding" in button.dataset) shop.tell("added", button, { asin });
  if (inside) delete button.dataset.adding;
  else if ("adding" in button.dataset) return button;
  button.classList.toggle("inside", inside);
  button.textContent = inside ? say("inCart") : button.dataset.label || say("add");
  if (title) button.setAttribute("aria-label", say(inside ? "inCartTitle" : "addTitle", { title }));
  if (inside) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
  return button;
}

const DEEDS = {
  add_to_cart: (_, shop) => shop, // made apart: see actionButton
  view_product: ({ url, asin }, shop) => shop.goTo(url || `/p/${encodeURIComponent(asin)}`),
  open_url: ({ url }, shop) => isSignIn(url) && shop.tellPage("sign-in-wanted", { url }) ? null : shop.goTo(url),
  track_order: ({ url, order_id: id }, shop) => {
    if (shop.tellPage("track-order", { order_id: words(id) })) return;
    if (words(id)) shop.ask(say("track", { order: id }));
    else shop.goTo(url || "/orders");
  },
  start_return: ({ url, order_id: id }, shop) => shop.goTo(url || `/orders#${encodeURIComponent(id)}`),
  talk_to_human: (_, shop) => shop.callPerson(),
};

/** Where a page can show its own dialog in place of the address. */
function isSignIn(url) {
  return /\/sign-?in\b/.test(words(url));
}

/** The buttons under an answer, by their type; types that this widget does not know are left out. */
export function buttonRow(buttons, shop) {
  const known = buttons.filter((button) => Object.hasOwn(DEEDS, button?.type) && words(button.label));
  return el("div.buttons", {}, known.map((button) => actionButton(button, shop)));
}

function actionButton(button, shop) {
  const made = el("button.action", { type: "button", textContent: button.label, "data-type": button.type });
  if (button.type !== "add_to_cart") {
    made.addEventListener("click", () => {
      shop.tell("clicked", made, { asin: words(button.asin), button: button.type });
      DEEDS[button.type](button, shop);
    });
    return made;
  }
  made.dataset.cart = words(button.asin);
  made.dataset.label = button.label;
  made.addEventListener("click", () => addToCart(made, button.asin, shop));
  return showCart(made, shop);
}

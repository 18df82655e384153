// Product cards and buttons: what can be bought, and what can be done next.

import { el, safeUrl } from "./dom.js";

const SHOWN = 3;
const CONFIRM_MS = 2500;
const ASIN = /^B0[A-Z0-9]{8}$/;

/**
 * What cards and buttons may do. `base` resolves relative addresses; `inCart(asin)` says what the host page knows;
 * `used(event)` hears what the shopper uses of an answer.
 */
export class Shop {
  constructor({ base, inCart, ask, used }) {
    this.base = base;
    this.inCart = inCart;
    this.ask = ask;
    this.used = used;
  }

  /** `name`: "clicked" or "added"; `node` is what was used, in the answer that showed it. */
  tell(name, node, { asin, button }) {
    const answer = node.closest("[data-response]");
    const named = { ...(ASIN.test(asin) && { asin }), ...(button && { button }) };
    if (answer) this.used({ name, response_id: answer.dataset.response, ...named });
  }

  /** Tells the host page, which owns the cart. */
  addToCart(asin) {
    document.dispatchEvent(new CustomEvent("mangaassist:add-to-cart", { detail: { asin } }));
  }

  goTo(address) {
    const url = safeUrl(address, this.base);
    if (!url) return;
    if (new URL(url).origin === window.location.origin) window.location.assign(url);
    else window.open(url, "_blank", "noopener,noreferrer");
  }
}

export function productList(products, shop) {
  const cards = products.filter((item) => item && typeof item === "object").map((item) => productCard(item, shop));
  const rest = cards.slice(SHOWN);
  const shelf = el("ul.cards", { role: "list" }, cards.slice(0, SHOWN));
  if (!rest.length) return shelf;
  const more = el("button.more", {
    type: "button",
    textContent: `Show ${rest.length} more`,
    onclick: () => {
      shelf.append(...rest);
      more.remove();
      rest[0].querySelector("a, button")?.focus();
    },
  });
  return el("div.shelf", {}, shelf, more);
}

function productCard(item, shop) {
  const url = safeUrl(item.url, shop.base);
  const title = words(item.title) || "Untitled";
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
      item.reason ? el("p.reason", { textContent: words(item.reason) }) : null,
      el("div.deeds", {}, buyable(item) ? cartButton(item.asin, title, shop) : null, url ? view(url, title, item, shop) : null),
    ),
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
  const spoken = `Rated ${full.toFixed(1)} out of 5${counted && `, ${Number(count).toLocaleString()} ratings`}`;
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
  if (!words(item.price)) return el("p.price.unknown", { textContent: "See the price on the product page" });
  const before = words(item.list_price);
  return el(
    "p.price",
    {},
    el("span.spoken", { textContent: "Price " }),
    el("strong", { textContent: item.price }),
    before ? [el("span.spoken", { textContent: ", before " }), el("s", { textContent: before })] : null,
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
  return link("a.deed", { href: url, "aria-label": `View ${title}`, textContent: "View" }, item, shop);
}

function link(tag, properties, { asin }, shop) {
  const made = el(tag, properties);
  for (const kind of ["click", "auxclick"]) made.addEventListener(kind, () => shop.tell("clicked", made, { asin: words(asin) }));
  return made;
}

/** Says "In cart" only once the host page says so. */
function cartButton(asin, title, shop) {
  const button = el("button.deed.cart", { type: "button", "data-cart": asin, "aria-label": `Add ${title} to cart` });
  button.addEventListener("click", () => addToCart(button, asin, shop));
  return showCart(button, shop);
}

function addToCart(button, asin, shop) {
  button.textContent = "Adding…";
  button.dataset.adding = "";
  shop.tell("clicked", button, { asin, button: "add_to_cart" });
  shop.addToCart(asin);
  setTimeout(() => {
    delete button.dataset.adding;
    showCart(button, shop);
  }, CONFIRM_MS);
  showCart(button, shop);
}

/** Brings a cart button in line with what the host page says is in the cart. */
export function showCart(button, shop) {
  const inside = shop.inCart(button.dataset.cart);
  if (inside && "adding" in button.dataset) shop.tell("added", button, { asin: button.dataset.cart });
  if (inside) delete button.dataset.adding;
  else if ("adding" in button.dataset) return button;
  button.classList.toggle("inside", inside);
  button.textContent = inside ? "In cart ✓" : button.dataset.label || "Add to cart";
  return button;
}

const DEEDS = {
  add_to_cart: ({ asin }, shop) => shop.addToCart(asin),
  view_product: ({ url, asin }, shop) => shop.goTo(url || `/p/${encodeURIComponent(asin)}`),
  open_url: ({ url }, shop) => shop.goTo(url),
  track_order: ({ url, order_id: id }, shop) => shop.goTo(url || `/orders#${encodeURIComponent(id)}`),
  start_return: ({ url, order_id: id }, shop) => shop.goTo(url || `/orders#${encodeURIComponent(id)}`),
  talk_to_human: (_, shop) => shop.ask("I want to talk to a person"),
};

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

function words(value) {
  return typeof value === "string" ? value : "";
}

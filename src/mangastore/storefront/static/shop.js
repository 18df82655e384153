// Runs on every page: cart and session in the browser, the header, and the context that the assistant reads.

const CART_KEY = "mangastore.cart";
const TOKEN_KEY = "mangastore.token";
const MOST_OF_ONE = Number(document.body.dataset.mostCopies); // of a box set fewer: the cart knows which lines are one
const MOST_LINES = 60;
const ASIN = /^B0[A-Z0-9]{8}$/;

const read = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is switched off: the shop works, it forgets
  }
};

const write = (key, value) => {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // see read
  }
};

/** The lines of the cart: [{asin, quantity}]. */
export function cart() {
  try {
    const lines = JSON.parse(read(CART_KEY) ?? "[]");
    if (!Array.isArray(lines)) return [];
    return lines.filter((line) => ASIN.test(line?.asin) && Number.isInteger(line.quantity) && line.quantity > 0);
  } catch {
    return [];
  }
}

/** Puts so many of a product into the cart; 0 takes it out. */
export function setQuantity(asin, quantity) {
  const lines = cart().filter((line) => line.asin !== asin || quantity > 0);
  const known = lines.find((line) => line.asin === asin);
  const bounded = Math.min(quantity, MOST_OF_ONE);
  if (known) known.quantity = bounded;
  else if (quantity > 0 && lines.length < MOST_LINES) lines.push({ asin, quantity: bounded });
  write(CART_KEY, JSON.stringify(lines));
  publish();
}

/** Puts one more of a product into the cart. */
export function addToCart(asin) {
  if (!ASIN.test(asin)) return;
  const known = cart().find((line) => line.asin === asin);
  if (known?.quantity >= MOST_OF_ONE) return toast(`One order holds at most ${MOST_OF_ONE} copies of a book`);
  setQuantity(asin, (known?.quantity ?? 0) + 1);
  toast("Added to your cart");
}

/** What a token says, or null where it is none or over. */
export function session() {
  const token = read(TOKEN_KEY);
  if (!token) return null;
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    if (claims.exp * 1000 <= Date.now()) throw new Error("over");
    return { token, name: String(claims.name ?? ""), customer: String(claims.sub ?? ""), roles: [claims.roles ?? []].flat(), expires: claims.exp * 1000 };
  } catch {
    signOut();
    return null;
  }
}

/** Remembers a token, for this page and as the cookie that the assistant's socket reads. */
export function signIn(token, seconds) {
  write(TOKEN_KEY, token);
  document.cookie = `session-token=${token}; Path=/; SameSite=Lax; Max-Age=${Math.floor(seconds)}`;
  publish();
}

/** Forgets the token. */
export function signOut() {
  write(TOKEN_KEY, null);
  document.cookie = "session-token=; Path=/; SameSite=Lax; Max-Age=0";
  publish();
}

/** Tells the shopper something in passing. */
export function toast(words) {
  const box = document.getElementById("toast");
  box.textContent = words;
  box.classList.add("shown");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => box.classList.remove("shown"), 2400);
}

let publishing = false;

/** Tells the assistant where the shopper is and what is in the cart, and draws the header. */
export function publish() {
  if (publishing) return; // signOut inside session() comes back here
  publishing = true;
  const who = session();
  publishing = false;
  const { section, asin } = document.body.dataset;
  const context = {
    page: {
      current_asin: asin || null,
      store_section: section || null,
      cart_asins: cart().map((line) => line.asin),
      url: location.href.slice(0, 2000),
    },
    token: who?.token ?? null,
  };
  window.mangaassist = Object.assign(window.mangaassist ?? {}, context);
  drawHeader(who);
  document.dispatchEvent(new CustomEvent("mangaassist:context", { detail: context }));
}

/** Shows or hides the header's links where there is no room for them. */
function openMenu(open) {
  document.querySelector("[data-menu]").setAttribute("aria-expanded", String(open));
  document.getElementById("shop-menu").classList.toggle("open", open);
}

/** Where to sign in so that one comes back to where one is. */
function signInAddress() {
  const here = location.pathname + location.search + location.hash;
  return here === "/" || location.pathname === "/sign-in" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`;
}

function drawHeader(who) {
  const count = cart().reduce((sum, line) => sum + line.quantity, 0);
  const badge = document.querySelector("[data-cart-count]");
  badge.textContent = count > 99 ? "99+" : String(count);
  badge.hidden = count === 0;
  badge.parentElement.setAttribute("aria-label", `Cart, ${count} ${count === 1 ? "item" : "items"}`);
  const account = document.querySelector("[data-account]");
  account.textContent = who ? who.name.split(" ")[0] : "Sign in";
  account.href = who ? "/account" : signInAddress();
  for (const link of document.querySelectorAll("[data-own]")) link.hidden = !who;
  const operators = document.querySelector("[data-operators]");
  operators.hidden = !who?.roles.includes("operator");
  if (!operators.hidden) operators.href = operatorsAddress("/ops", who);
}

/** A page of the assistant's for the shop's team. Under another host it is not sent our cookie: the token stands behind its #. */
export function operatorsAddress(page, who) {
  const address = new URL(page, document.querySelector("[data-operators]").href);
  if (address.hostname !== location.hostname) address.hash = new URLSearchParams({ token: who.token });
  return address.href;
}

/** A new element: attributes first, then children; text is never read as HTML. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Fetches JSON with the shopper's token; throws an Error whose message can be shown and whose status is the answer's. */
export async function fetchJson(path, { token = null, ...options } = {}) {
  const headers = { Accept: "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}), ...options.headers };
  const response = await fetch(path, { ...options, headers });
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    throw Object.assign(new Error(body?.detail ?? "The store does not answer."), { status: response.status });
  }
  return body;
}

/** Sends JSON with the shopper's token and gives what came back; throws like fetchJson. */
export function sendJson(method, path, body, token) {
  return fetchJson(path, { token, method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-add]");
  if (button) addToCart(button.dataset.add);
  if (event.target.closest?.("[data-cookies]")) toast("They are off: we set none but the one that keeps you signed in.");
  const menu = document.querySelector("[data-menu]");
  openMenu(event.target.closest?.("[data-menu]") ? menu.getAttribute("aria-expanded") !== "true" : false);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("[data-menu]").getAttribute("aria-expanded") !== "true") return;
  openMenu(false);
  document.querySelector("[data-menu]").focus();
});
document.addEventListener("mangaassist:add-to-cart", (event) => addToCart(event.detail?.asin));
window.addEventListener("storage", (event) => {
  if ([CART_KEY, TOKEN_KEY, null].includes(event.key)) publish();
});
window.addEventListener("pageshow", publish);
window.addEventListener("hashchange", () => {
  publish();
  // On a phone the assistant covers the place on this very page to which one of its buttons led.
  if (matchMedia("(max-width: 520px)").matches) document.querySelector("manga-assist")?.close?.();
});
publish();

// Where the shopper is: what the host page publishes on `window.mangaassist`, checked before it is sent (T-6).

const ASIN = /^B0[A-Z0-9]{8}$/;
const MAX_CART = 50;

/** The page context as the protocol wants it, or null when the host page says nothing. */
export function pageContext(published = window.mangaassist?.page) {
  if (!published || typeof published !== "object") return null;
  const context = {};
  if (isAsin(published.current_asin)) context.current_asin = published.current_asin;
  if (isShort(published.store_section, 64)) context.store_section = published.store_section;
  if (Array.isArray(published.cart_asins)) context.cart_asins = published.cart_asins.filter(isAsin).slice(0, MAX_CART);
  if (isShort(published.url, 2048)) context.url = published.url;
  return context;
}

/** The shopper's token, or null for a guest. A token that has run out is none: it would only be refused (W-1). */
export function currentToken(now = Date.now()) {
  const token = window.mangaassist?.token;
  if (typeof token !== "string" || !token) return null;
  const expires = expiry(token);
  return expires !== null && expires <= now ? null : token;
}

function expiry(token) {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return typeof claims.exp === "number" ? claims.exp * 1000 : null;
  } catch {
    return null; // not a JWT: the server says whether it is good
  }
}

export function isAsin(value) {
  return typeof value === "string" && ASIN.test(value);
}

function isShort(value, limit) {
  return typeof value === "string" && value.length > 0 && value.length <= limit;
}

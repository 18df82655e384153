// The line of operators' pages to the server: who we are, one request at a time and its limit, and what went wrong in words.

const LIMIT_MS = 10_000;
const KEY = "mangaassist-operator-token";

/** What was refused: `status` 0 when nobody answered. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export function rememberToken(token) {
  if (token) window.sessionStorage.setItem(KEY, token);
  else window.sessionStorage.removeItem(KEY);
}

/** A shop that signs its people in may lead here with their token behind the #: no server sees it, and it is taken away at once. */
export function takeToken() {
  const given = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (!given) return;
  rememberToken(given);
  window.history.replaceState(null, "", window.location.pathname);
}

/** Does it, and tells `refused` what was refused. Gives whether it worked. */
export async function attempted(work, refused) {
  try {
    await work();
    return true;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    refused(refusal);
    return false;
  }
}

/** The answer's JSON. Without a token of its own the page is known by the shop's cookie. Throws `Refusal`. */
export async function call(path, body) {
  const token = window.sessionStorage.getItem(KEY);
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  if (body) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method: body ? "POST" : "GET",
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch {
    throw new Refusal(0, "The server does not answer. Trying again…");
  }
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, told.detail ?? "That did not work.");
  return told;
}

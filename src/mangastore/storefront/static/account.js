// The account page: one part at a time, `#payment` for the one of that name; what there is in each stands in account-parts.js.

import { ALERTS, CIRCLE, DETAILS, EMAILS, PAYMENT, PRIVACY, SECURITY } from "./account-parts.js";
import { element, fetchJson, sendJson, signOut, toast } from "./shop.js";
import { forTheSignedIn } from "./words.js";

const box = document.getElementById("account");
const PARTS = { details: DETAILS, circle: CIRCLE, payment: PAYMENT, alerts: ALERTS, emails: EMAILS, security: SECURITY, privacy: PRIVACY };

const chosen = () => {
  const name = location.hash.slice(1);
  return Object.hasOwn(PARTS, name) ? name : "details";
};

function tabs(name) {
  const links = Object.entries(PARTS).map(([key, part]) => element("a", { href: `#${key}`, "aria-current": key === name ? "page" : null }, part.title));
  return element("nav", { class: "tabs", "aria-label": "Account" }, ...links);
}

async function parts(who) {
  const name = chosen();
  const get = (path) => fetchJson(path, { token: who.token });
  const [me, account] = await Promise.all([get("/profile/v1/me"), get("/account/v1/me")]);
  const does = {
    /** Changes settings; the page is drawn anew only where `then` says so. */
    change: (settings) => sendJson("PATCH", "/account/v1/me", settings, who.token).then(() => toast("Saved")),
    send: (method, path) => fetchJson(path, { method, token: who.token }),
    draw,
    leave: () => (signOut(), location.assign("/")),
  };
  const part = PARTS[name];
  return [tabs(name), element("h2", { tabindex: -1 }, part.title), ...(await part.draw({ who, me, account, does }))].filter(Boolean);
}

const draw = () => forTheSignedIn(box, "Sign in to see your account.", parts);

window.addEventListener("hashchange", async () => {
  await draw();
  box.querySelector("h2")?.focus();
});
draw();

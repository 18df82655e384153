// How an operator says who they are where the shop's cookie does not: by a token that is pasted in and forgotten with the tab.

import { el } from "./dom.js";
import { rememberToken } from "./operator-line.js";

/** The form; `signedIn` is called once a token was given. */
export function signInForm(signedIn) {
  const token = el("input", { type: "password", autocomplete: "off", required: true, id: "token", name: "token" });
  const form = el("form.sign", {},
    el("p", { textContent: "Sign in to the shop as somebody of its team and come back, or paste an operator's token." }),
    el("label", { for: "token", textContent: "Token" }), token,
    el("button.main", { type: "submit", textContent: "Sign in" }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    rememberToken(token.value.trim());
    signedIn();
  });
  return form;
}

// The sign-in page: a form, the demo customers, and sign-out for who is signed in.

import { element, fetchJson, session, signIn, signOut } from "./shop.js";

const form = document.getElementById("sign-in");
const wrong = form.querySelector(".wrong");

/** Where whoever signs in wanted to go: what the link said, else the page of ours they came from. */
function target() {
  const next = new URLSearchParams(location.search).get("next") ?? cameFrom();
  return /^\/(?![/\\])/.test(next) ? next : "/"; // only to our own pages
}

function cameFrom() {
  if (!URL.canParse(document.referrer)) return "/";
  const { origin, pathname, search } = new URL(document.referrer);
  return origin === location.origin && pathname !== "/sign-in" ? pathname + search : "/";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  wrong.hidden = true;
  const { username, password } = Object.fromEntries(new FormData(form));
  try {
    const answer = await fetchJson("/auth/token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username, password }),
    });
    signIn(answer.access_token, answer.expires_in);
    location.assign(target());
  } catch (error) {
    wrong.textContent = error.message;
    wrong.hidden = false;
    form.elements.password.select();
  }
});

for (const button of document.querySelectorAll("[data-username]")) {
  button.addEventListener("click", () => {
    form.elements.username.value = button.dataset.username;
    form.elements.password.value = `${button.dataset.username}-demo`;
    form.requestSubmit();
  });
}

const who = session();
if (who) {
  const leave = element("button", { class: "button plain", onclick: () => (signOut(), location.assign("/")) }, "Sign out");
  form.before(element("p", {}, `You are signed in as ${who.name}. `), leave);
  form.hidden = true;
}

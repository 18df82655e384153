// A product's page: the heart that keeps it on a wish list, and the alert for when it is there again.

import { fetchJson, session, toast } from "./shop.js";

const HEART = { kept: "On your wish list", open: "Save to your wish list" };
const ALERT = { kept: "You will be told", open: "Notify me" };

/** A button that is pressed or not, and says which; a guest is led to the sign-in and back. */
function toggle(button, words, { load, set }) {
  let kept = false;
  const show = () => {
    button.setAttribute("aria-pressed", String(kept));
    button.querySelector("span").textContent = kept ? words.kept : words.open;
  };
  button.addEventListener("click", async () => {
    const who = session();
    if (!who) return void location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
    button.disabled = true;
    try {
      await set(!kept, who);
      kept = !kept;
      toast(kept ? `${words.kept}.` : "Taken off again.");
      show();
    } catch (error) {
      toast(error.message);
    }
    button.disabled = false;
    button.focus();
  });
  const who = session();
  if (!who) return;
  load(who).then((found) => ((kept = found), show()), () => {}); // it can be pressed all the same
}

const ask = (method, path, who) => fetchJson(path, { method, token: who.token });
const lists = (who) => ask("GET", "/wishes/v1/lists", who).then((told) => told.lists);

/** Kept on whichever list; a new one goes to the first, taken off is it from all. */
function heart(button) {
  const asin = button.dataset.wish;
  const item = (one) => `/wishes/v1/lists/${one.id}/items/${asin}`;
  toggle(button, HEART, {
    load: async (who) => (await lists(who)).some((one) => one.asins.includes(asin)),
    async set(wanted, who) {
      const theirs = await lists(who);
      if (wanted) return ask("PUT", item(theirs[0]), who);
      return Promise.all(theirs.filter((one) => one.asins.includes(asin)).map((one) => ask("DELETE", item(one), who)));
    },
  });
}

function alert(button) {
  const asin = button.dataset.alert;
  toggle(button, ALERT, {
    load: async (who) => (await ask("GET", "/account/v1/me", who)).alerts.includes(asin),
    set: (wanted, who) => ask(wanted ? "PUT" : "DELETE", `/account/v1/alerts/${asin}`, who),
  });
}

for (const button of document.querySelectorAll("[data-wish]")) heart(button);
for (const button of document.querySelectorAll("[data-alert]")) alert(button);

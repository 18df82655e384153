// The gift cards page: a code, and what is left on it.

import { element, sendJson } from "./shop.js";

const told = element("p", { role: "status" });
const form = element(
  "form",
  { class: "form" },
  element("label", {}, "Gift card code", element("input", { name: "code", required: true, maxlength: 60, autocomplete: "off" })),
  element("button", { class: "button" }, "See the balance"),
  told,
);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  told.textContent = "";
  try {
    const { balance } = await sendJson("POST", "/gift-cards/v1/balance", Object.fromEntries(new FormData(form)), null);
    told.textContent = `There are $${balance} left on it.`;
  } catch (error) {
    told.textContent = error.message;
  }
});

const hint = element("p", { class: "quiet" }, "This demo sells no gift cards. One to try it with: INKWELL-DEMO-25.");
document.getElementById("gift-cards").replaceChildren(form, hint);

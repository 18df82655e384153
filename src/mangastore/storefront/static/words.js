// What the pages of a signed-in shopper share: days and sums in words, rows of books, dialogs, and who is signed in.

import { element, session, signOut } from "./shop.js";

/** A day or a moment as people write it: "November 3, 2026". Days have no zone, so none is applied to them. */
export function day(text) {
  const zone = text.length === 10 ? { timeZone: "UTC" } : {};
  return new Date(text).toLocaleDateString("en-US", { month: "long", day: "numeric", year: "numeric", ...zone });
}

/** The time of a moment, as this browser's clock shows it: "3:40 PM". */
export const clock = (text) => new Date(text).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });

/** Rows by the order they belong to: {order: [row, …]}. */
export const byOrder = (rows) => Map.groupBy(rows, (row) => row.order_id);

/** A book of an order, with whatever else belongs into its row. */
export function book(one, ...rest) {
  return element(
    "div",
    { class: "line" },
    element("img", { src: `/covers/${one.asin}.svg`, alt: "", width: 76, height: 114 }),
    element("div", {}, element("p", {}, element("a", { href: `/p/${one.asin}` }, one.title)), ...rest),
    element("p", { class: "amount" }, `${one.quantity} × $${one.unit_price}`),
  );
}

/** A paragraph, or nothing where there is nothing to say. */
export const said = (words, attributes = {}) => (words ? element("p", attributes, words) : null);

/**
 * Opens a dialog with a form. `send` gets the form's fields and may throw an Error whose message is shown in it; `then` comes after the
 * dialog is gone, since nothing behind one can take the focus.
 */
export function dialog(title, parts, { yes, no = "Go back", danger = false, send, then }) {
  const wrong = element("p", { class: "wrong", role: "alert", hidden: true });
  const form = element(
    "form",
    { class: "form", method: "dialog" },
    ...parts,
    wrong,
    element(
      "div",
      { class: "choices" },
      element("button", { class: danger ? "button danger" : "button" }, yes),
      element("button", { class: "button plain", type: "button", autofocus: danger, onclick: () => box.close() }, no),
    ),
  );
  const heading = element("h2", { id: "dialog-title" }, title);
  const box = element("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, heading, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(form)));
    } catch (error) {
      wrong.textContent = error.message;
      wrong.hidden = false;
      for (const button of buttons) button.disabled = false;
      return;
    }
    box.close();
    await then();
  });
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

/** Fills a box for who is signed in, with a way in for everybody else. `draw` gets the session and gives elements. */
export async function forTheSignedIn(box, invitation, draw) {
  const who = session();
  if (!who) {
    const next = encodeURIComponent(location.pathname + location.search + location.hash);
    return box.replaceChildren(
      element("p", {}, invitation),
      element("p", {}, element("a", { class: "button", href: `/sign-in?next=${next}` }, "Sign in")),
    );
  }
  try {
    box.replaceChildren(...(await draw(who)));
  } catch (error) {
    if (error.status === 401) {
      signOut();
      return forTheSignedIn(box, invitation, draw);
    }
    box.replaceChildren(element("p", { class: "wrong", role: "alert" }, `This could not be loaded. ${error.message}`));
  }
}

// The wish lists of who is signed in; `#shared=LINK` shows the titles of somebody's list to whoever has its link.

import { addToCart, element, fetchJson, sendJson, toast } from "./shop.js";
import { dialog, forTheSignedIn, said } from "./words.js";

const box = document.getElementById("wishes");
const LISTS = "/wishes/v1/lists";

async function cardsOf(asins) {
  const wanted = [...asins].reverse(); // the newest first
  const pages = [];
  for (let at = 0; at < wanted.length; at += 100) pages.push(wanted.slice(at, at + 100)); // so many the store tells at once
  const told = await Promise.all(pages.map((page) => fetchJson(`/storefront/cards?${page.map((asin) => `asin=${asin}`).join("&")}`)));
  const known = new Map(told.flatMap(({ cards }) => cards).map((card) => [card.asin, card]));
  return wanted.map((asin) => known.get(asin)).filter(Boolean);
}

function line(card, ...choices) {
  return element(
    "div",
    { class: "line" },
    element("img", { src: card.image_url, alt: "", width: 76, height: 114 }),
    element("div", {}, element("p", {}, element("a", { href: card.url }, card.title)), element("p", { class: `stock ${card.stock_state}` }, card.stock), ...choices),
    element("p", { class: "amount" }, card.price),
  );
}

const inCart = (card) => (card.buyable ? element("button", { class: "link", "aria-label": `Add to cart: ${card.title}`, onclick: () => addToCart(card.asin) }, "Add to cart") : null);

function choices(card, list, lists, does) {
  const item = (one) => `${LISTS}/${one.id}/items/${card.asin}`;
  const remove = element("button", { class: "link", "aria-label": `Remove: ${card.title}`, onclick: () => does(() => ["DELETE", item(list)]) }, "Remove");
  const others = lists.filter((one) => one !== list).map((one) => element("option", { value: one.id }, one.name));
  const move = element("select", { "aria-label": `Move ${card.title} to another list` }, element("option", { value: "" }, "Move to…"), ...others);
  move.addEventListener("change", () => does(() => ["PUT", item({ id: move.value })], () => ["DELETE", item(list)]));
  return element("p", { class: "choices" }, ...[inCart(card), remove, others.length ? move : null].filter(Boolean));
}

function sharing(list, does) {
  const path = `${LISTS}/${list.id}/share`;
  const button = (label, onclick) => element("button", { class: "button plain", "aria-label": `${label}: ${list.name}`, onclick }, label);
  if (!list.shared) return [button("Create a share link", () => does(() => ["PUT", path]))];
  const address = `${location.origin}/wishes#shared=${list.shared}`;
  const shown = element("input", { readonly: true, value: address, "aria-label": `Link to ${list.name}` });
  const copy = () => navigator.clipboard?.writeText(address).then(() => toast("Copied")).catch(() => shown.select()) ?? shown.select();
  return [shown, button("Copy", copy), button("Withdraw the link", () => does(() => ["DELETE", path]))];
}

async function one(list, lists, does) {
  const cards = await cardsOf(list.asins);
  const drop = element("button", { class: "button plain", "aria-label": `Delete: ${list.name}`, onclick: () => askDrop(list, does) }, "Delete the list");
  const empty = said(cards.length ? "" : "There is nothing on it yet. The heart on a book's page saves it here.");
  return element(
    "section",
    { "aria-label": list.name },
    element("h2", { tabindex: -1 }, list.name),
    empty,
    ...cards.map((card) => line(card, choices(card, list, lists, does))),
    element("div", { class: "choices sharing" }, ...sharing(list, does), ...(lists.length > 1 || cards.length ? [drop] : [])),
  );
}

function askDrop(list, does) {
  dialog(`Delete “${list.name}”?`, [said("What is on it is forgotten. This can't be undone.")], {
    yes: "Delete the list",
    no: "Keep it",
    danger: true,
    send: () => does.now(() => ["DELETE", `${LISTS}/${list.id}`]),
    then: draw,
  });
}

function another(who) {
  const name = element("label", {}, "Name", element("input", { name: "name", required: true, maxlength: 60 }));
  const open = () => dialog("What is the list to be called?", [name], {
    yes: "Make the list",
    send: (filled) => sendJson("POST", LISTS, filled, who.token),
    then: draw,
  });
  return element("p", {}, element("button", { class: "button", onclick: open }, "Another list"));
}

async function own(who) {
  const { lists } = await fetchJson(LISTS, { token: who.token });
  const now = async (...steps) => {
    for (const step of steps) {
      const [method, path] = step();
      await fetchJson(path, { method, token: who.token });
    }
  };
  const does = Object.assign((...steps) => now(...steps).then(draw, (error) => toast(error.message)), { now });
  return [...(await Promise.all(lists.map((list) => one(list, lists, does)))), another(who)];
}

async function shared(link) {
  try {
    const { asins } = await fetchJson(`/wishes/v1/shared/${encodeURIComponent(link)}`);
    const cards = await cardsOf(asins);
    box.replaceChildren(element("h2", { tabindex: -1 }, "Somebody wishes for these"), said(cards.length ? "" : "There is nothing on it yet."), ...cards.map((card) => line(card, inCart(card))));
  } catch (error) {
    const gone = error.status === 404 ? "This link shows no list any more." : error.message;
    box.replaceChildren(element("p", { class: "wrong", role: "alert" }, gone));
  }
}

function draw() {
  const link = new URLSearchParams(location.hash.slice(1)).get("shared");
  return link ? shared(link) : forTheSignedIn(box, "Sign in to see your wish lists.", own);
}

window.addEventListener("hashchange", draw);
draw();

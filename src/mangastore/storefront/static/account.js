// The account page: who is signed in, what the store knows of them, and the way out.

import { element, fetchJson, operatorsAddress, signOut } from "./shop.js";
import { forTheSignedIn } from "./words.js";

const box = document.getElementById("account");

const row = (name, ...value) => [element("dt", {}, name), element("dd", {}, ...value)];

function address(one) {
  return [one.name, one.street, one.extra, `${one.city}, ${one.region} ${one.postal_code}`].filter(Boolean).flatMap((line, place) => (place ? [element("br"), line] : [line]));
}

const door = (href, title, words) => element("li", {}, element("a", { class: "demo", href }, element("b", {}, title), element("span", {}, words)));

const forTheTeam = (who) =>
  element(
    "section",
    {},
    element("h2", {}, "For the team"),
    element(
      "ul",
      { class: "people" },
      door(operatorsAddress("/ops", who), "Console", "How the assistant does, live"),
      door(operatorsAddress("/ops/desk", who), "Desk", "Shoppers who asked for a person"),
    ),
  );

async function parts(who) {
  const me = await fetchJson("/profile/v1/me", { token: who.token });
  const membership = me.member ? "Inkwell Circle member: member prices and free standard shipping" : element("a", { href: "/help/faq-what-is-inkwell-circle" }, "No member yet: what is Inkwell Circle?");
  const genres = me.favourite_genres.flatMap((genre, place) => [place ? ", " : "", element("a", { href: `/?genre=${encodeURIComponent(genre)}` }, genre)]);
  return [
    element(
      "dl",
      { class: "facts" },
      ...row("Name", me.name),
      ...row("Membership", membership),
      ...(me.address ? row("Address", ...address(me.address)) : []),
      ...(genres.length ? row("Likes to read", ...genres) : []),
    ),
    element(
      "ul",
      { class: "people" },
      door("/orders", "My orders", "Follow, cancel, change the address"),
      door("/returns", "Returns", "Send something back, see a refund"),
      door("/cart", "My cart", "What waits there"),
      door("/help", "Help centre", "Questions, policies, reading guides"),
    ),
    ...(who.roles.includes("operator") ? [forTheTeam(who)] : []),
    element("p", {}, element("button", { class: "button plain", onclick: () => (signOut(), location.assign("/")) }, "Sign out")),
  ];
}

forTheSignedIn(box, "Sign in to see your account.", parts);

// What stands in each part of the account: a title, and what is drawn of who is signed in. Help pages lead to them by these names.

import { element, fetchJson, operatorsAddress, toast } from "./shop.js";
import { dialog, said } from "./words.js";

const DEMO = "This is a demo: the choice is kept, and no mail goes out.";

const quiet = (words) => said(words, { class: "quiet" });
const row = (name, ...value) => [element("dt", {}, name), element("dd", {}, ...value)];
const door = (href, title, words) => element("li", {}, element("a", { class: "demo", href }, element("b", {}, title), element("span", {}, words)));
const plain = (label, onclick) => element("button", { class: "button plain", onclick }, label);

/** A choice that counts at once; it goes back where the store does not take it. */
function choice(account, name, label, hint, does) {
  const input = element("input", { type: "checkbox", checked: account[name] });
  input.addEventListener("change", async () => {
    try {
      await does.change({ [name]: input.checked });
    } catch (error) {
      input.checked = !input.checked;
      toast(error.message);
    }
  });
  return element("label", { class: "option" }, input, element("span", {}, element("b", {}, label), element("span", { class: "quiet" }, hint)));
}

function address(one) {
  return [one.name, one.street, one.extra, `${one.city}, ${one.region} ${one.postal_code}`].filter(Boolean).flatMap((line, place) => (place ? [element("br"), line] : [line]));
}

const forTheTeam = (who) => [
  element("h3", {}, "For the team"),
  element(
    "ul",
    { class: "people" },
    door(operatorsAddress("/ops", who), "Console", "How the assistant does, live"),
    door(operatorsAddress("/ops/desk", who), "Desk", "Shoppers who asked for a person"),
    door("/returns/reports", "Reported faults", "Returns that wait, with their photos"),
  ),
];

function changeEmail(account, does) {
  dialog("Which email address?", [element("label", {}, "Email address", element("input", { name: "email", type: "email", autocomplete: "email", required: true, maxlength: 200, value: account.email })), quiet("This is a demo: it counts at once, without a mail to confirm it.")], {
    yes: "Save the address",
    send: ({ email }) => does.change({ email }),
    then: does.draw,
  });
}

export const DETAILS = {
  title: "Details",
  draw({ who, me, account, does }) {
    const genres = me.favourite_genres.flatMap((genre, place) => [place ? ", " : "", element("a", { href: `/?genre=${encodeURIComponent(genre)}` }, genre)]);
    const email = [account.email, " ", element("button", { class: "link", onclick: () => changeEmail(account, does) }, "Change email")];
    return [
      element("dl", { class: "facts" }, ...row("Name", me.name), ...row("Email", ...email), ...(me.address ? row("Address", ...address(me.address)) : []), ...(genres.length ? row("Likes to read", ...genres) : [])),
      element(
        "ul",
        { class: "people" },
        door("/orders", "My orders", "Follow, cancel, change the address"),
        door("/returns", "Returns", "Send something back, see a refund"),
        door("/wishes", "Wish lists", "What you would like, to share or to keep"),
        door("/cart", "My cart", "What waits there"),
      ),
      ...(who.roles.includes("operator") ? forTheTeam(who) : []),
      element("p", {}, plain("Sign out", does.leave)),
    ];
  },
};

export const CIRCLE = {
  title: "Inkwell Circle",
  draw({ me, account, does }) {
    const about = element("p", {}, element("a", { href: "/help/faq-what-is-inkwell-circle" }, "What is Inkwell Circle?"));
    if (!me.member) return [said("You are no member."), about];
    const turn = async (renewal) => {
      await does.change({ renewal });
      await does.draw();
    };
    return [
      said("You are a member: member prices and free standard shipping."),
      said(account.renewal ? "It renews every year." : "It does not renew: your benefits stay until the end of the year that you paid for."),
      element("p", {}, account.renewal ? plain("Turn off renewal", () => turn(false)) : plain("Turn on renewal", () => turn(true))),
      about,
    ];
  },
};

export const PAYMENT = {
  title: "Payment",
  draw({ account, does }) {
    const remove = (card) => does.send("DELETE", `/account/v1/cards/${card.id}`).then(does.draw, (error) => toast(error.message));
    const line = (card) => element("li", { class: "kept" }, element("span", {}, element("b", {}, card.brand), ` ending in ${card.ending}, good until ${card.expires}`), element("button", { class: "link", "aria-label": `Remove the card ending in ${card.ending}`, onclick: () => remove(card) }, "Remove"));
    const cards = account.cards.length ? element("ul", { class: "rows" }, ...account.cards.map(line)) : said("No card is saved.");
    return [cards, quiet("We keep what you see here, and never the number. Nothing can be bought in this demo, so no card can be added."), element("h3", {}, "Gift cards"), said("No code is saved."), element("p", {}, element("a", { href: "/gift-cards" }, "Look up a balance"))];
  },
};

export const ALERTS = {
  title: "Alerts",
  async draw({ account, does }) {
    if (!account.alerts.length) return [said("No stock alert is set. “Notify me” on the page of a sold-out book sets one.")];
    const { cards } = await fetchJson(`/storefront/cards?${account.alerts.map((asin) => `asin=${asin}`).join("&")}`);
    const remove = (asin) => does.send("DELETE", `/account/v1/alerts/${asin}`).then(does.draw, (error) => toast(error.message));
    const line = (card) => element("li", { class: "kept" }, element("span", {}, element("a", { href: card.url }, card.title), `: ${card.stock}`), element("button", { class: "link", "aria-label": `Remove the alert for ${card.title}`, onclick: () => remove(card.asin) }, "Remove"));
    return [element("ul", { class: "rows" }, ...cards.map(line)), quiet("One email each, once copies are there. This is a demo: no mail goes out.")];
  },
};

export const EMAILS = {
  title: "Emails",
  draw: ({ account, does }) => [
    choice(account, "newsletter", "Newsletter", "New volumes and offers, at most once a week", does),
    choice(account, "reading_tips", "Reading tips", "What goes with what you have read", does),
    quiet(DEMO),
  ],
};

export const SECURITY = {
  title: "Security",
  draw: ({ account, does }) => [
    choice(account, "two_step", "Two-step sign-in", "Six digits of an authenticator app on every new device", does),
    quiet("This is a demo, whose names and passwords everybody knows: the choice is kept, and signing in asks for no digits."),
  ],
};

async function download(does) {
  const told = JSON.stringify(await does.send("GET", "/account/v1/data"), null, 2);
  const href = URL.createObjectURL(new Blob([told], { type: "application/json" }));
  element("a", { href, download: "inkwell-data.json" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser has begun to save it by then
}

export const PRIVACY = {
  title: "Privacy",
  draw: ({ does }) => [
    said("A copy of all that the shop keeps of you: profile, settings, orders, returns and wish lists."),
    element("p", {}, plain("Download my data", () => download(does).catch((error) => toast(error.message)))),
    said("Without an account there are no orders to follow and no wish lists."),
    element("p", {}, plain("Delete my account", () => askDeletion(does))),
    element("p", {}, element("a", { href: "/help/policy-privacy" }, "How we treat your data")),
  ],
};

function askDeletion(does) {
  dialog("Delete your account?", [said("Wish lists, settings and saved cards go with it. This can't be undone.")], {
    yes: "Delete my account",
    no: "Keep it",
    danger: true,
    send: () => does.send("POST", "/account/v1/deletion"),
    then: does.leave,
  });
}

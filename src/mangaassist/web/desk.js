// The desk's page: who waits, one conversation at a time, and what a person does in it. The server is asked what is new.

import { el } from "./dom.js";
import { attempted, call as callServer, takeToken } from "./operator-line.js";
import { about, row, turn } from "./desk-parts.js";
import { showPlaces } from "./places.js";
import { signInForm } from "./operator-sign-in.js";

const QUEUE_MS = 2500;
const TALK_MS = 1500;
const TYPING_MS = 2000;
const NAME_KEY = "mangaassist-desk-name";

const state = { seen: "", tickets: [], current: null, version: 0, signing: false };
const nav = document.getElementById("queue");
const main = document.querySelector("main");
const status = document.getElementById("state");
const name = document.getElementById("name");
name.value = window.localStorage.getItem(NAME_KEY) ?? "";
name.addEventListener("change", () => window.localStorage.setItem(NAME_KEY, name.value.trim()));

takeToken();
showPlaces(document.getElementById("places"));

const call = (path, body) => callServer(`/ops/desk${path}`, body);

// ---- what is asked again and again

async function again(work, everyMs) {
  for (;;) {
    if (!state.signing) await attempt(work);
    await new Promise((resume) => window.setTimeout(resume, document.hidden ? everyMs * 4 : everyMs));
  }
}

/** Do it, and say what went wrong. Gives whether it worked. */
function attempt(work) {
  return attempted(work, ({ status: code, message }) => (code === 401 || code === 403 ? signIn : say)(message));
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

async function lookAtQueue() {
  const told = await call(`/tickets?seen=${encodeURIComponent(state.seen)}`);
  state.seen = told.seen;
  if (told.tickets) {
    state.tickets = told.tickets;
    drawQueue();
  }
  const waiting = state.tickets.filter((ticket) => ticket.state !== "joined").length;
  say(waiting ? `${waiting} waiting` : "Nobody waits.");
}

async function lookAtTalk() {
  const id = state.current?.id;
  if (!id) return;
  const told = await call(`/tickets/${id}?after=${state.version}`);
  if (state.current?.id !== id) return; // somebody else was chosen meanwhile
  state.current.show(told);
  state.version = told.version;
}

// ---- what is shown

function drawQueue() {
  const focused = nav.contains(document.activeElement) ? [...nav.children].indexOf(document.activeElement) : -1;
  const rows = state.tickets.map((ticket) => row(ticket, ticket.ticket_id === state.current?.id, choose));
  nav.replaceChildren(...(rows.length ? rows : [el("p.quiet", { textContent: "Nobody waits." })]));
  if (focused >= 0) nav.children[Math.min(focused, nav.children.length - 1)].focus?.();
}

async function choose(id) {
  state.current = conversation(id);
  state.version = 0;
  main.replaceChildren(...state.current.nodes);
  drawQueue();
  await attempt(lookAtTalk);
  main.focus();
}

function conversation(id) {
  const title = el("h2");
  const button = (text, work, kind = "") => el("button", { type: "button", textContent: text, className: kind, onclick: () => act(work) });
  const join = button("Join", () => call(`/tickets/${id}/join`, { name: name.value.trim() || "A colleague" }), "main");
  const back = button("Hand back", () => call(`/tickets/${id}/hand-back`, {}));
  const close = button("Close", () => call(`/tickets/${id}/close`, {}));
  const talk = el("div.talk", { role: "log", "aria-label": "Conversation", tabIndex: 0 });
  const facts = el("aside.about", { "aria-label": "What it is about", tabIndex: 0 });
  const replies = el("div.replies", { role: "group", "aria-label": "Suggested replies" });
  const text = el("textarea", { maxLength: 2000, "aria-label": "Your message", placeholder: "Write to the shopper" });
  const send = el("button.main", { type: "submit", textContent: "Send" });
  const typing = el("p.quiet", { role: "status" });
  const form = el("form.write", { onsubmit: submit }, replies, text, send, typing);
  let unsent = null;
  let shownTyping = 0;

  text.addEventListener("input", () => {
    if (Date.now() - shownTyping < TYPING_MS) return;
    shownTyping = Date.now();
    call(`/tickets/${id}/typing`, {}).catch(() => {}); // a sign, and no more
  });
  text.addEventListener("keydown", (pressed) => {
    if (pressed.key === "Enter" && !pressed.shiftKey && !pressed.isComposing && pressed.keyCode !== 229) submit(pressed);
  });

  async function act(work) {
    if (await attempt(work)) await attempt(lookAtTalk);
    await attempt(lookAtQueue);
  }

  /** What was not taken is sent again under its id: it is told once. */
  async function submit(event) {
    event.preventDefault();
    const content = text.value.trim();
    if (!content || send.disabled) return;
    if (unsent?.content !== content) unsent = { id: crypto.randomUUID(), content };
    send.disabled = true;
    if (await attempt(() => call(`/tickets/${id}/messages`, unsent))) {
      unsent = null;
      text.value = "";
      await attempt(lookAtTalk);
    }
    send.disabled = false;
    text.focus();
  }

  function show({ ticket, turns, typing: isTyping, replies: suggested }) {
    const isIn = ticket.state === "joined";
    const isAtEnd = !talk.childElementCount || talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60;
    title.textContent = ticket.reason;
    join.hidden = isIn;
    back.hidden = !isIn;
    form.hidden = !isIn;
    join.disabled = close.disabled = !["requested", "left_message", "joined"].includes(ticket.state);
    facts.replaceChildren(...about(ticket));
    talk.append(...turns.flatMap(turn));
    const says = isTyping ? "The shopper is writing…" : "";
    if (typing.textContent !== says) typing.textContent = says;
    if (replies.dataset.told !== suggested.join("\n")) {
      replies.dataset.told = suggested.join("\n");
      replies.replaceChildren(...suggested.map((words) => el("button", { type: "button", textContent: words, title: words, onclick: () => use(words) })));
    }
    if (isAtEnd) talk.scrollTop = talk.scrollHeight;
  }

  function use(words) {
    text.value = text.value ? `${text.value} ${words}` : words;
    text.focus();
  }

  return { id, show, nodes: [el("div.bar", {}, title, join, back, close), talk, facts, form] };
}

// ---- who we are

function signIn(why) {
  if (state.signing) return;
  state.signing = true;
  say(why);
  const form = signInForm(() => {
    main.replaceChildren(el("p.quiet", { textContent: "Choose somebody on the left." }));
    Object.assign(state, { signing: false, seen: "", current: null });
    attempt(lookAtQueue);
  });
  nav.replaceChildren();
  main.replaceChildren(form);
  form.elements.token.focus();
}

again(lookAtQueue, QUEUE_MS);
again(lookAtTalk, TALK_MS);

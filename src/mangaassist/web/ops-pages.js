// Pages of the store: what shoppers read, a draft of it, what the draft changes, and its approval by somebody else.

import { el } from "./dom.js";
import { waitingLine } from "./ops-waiting.js";
import { day } from "./ops-words.js";

const PATH = "/ops/console/pages";
/** Lines beside a change that are shown with it. */
const BESIDE = 2;
const KINDS = ["faq", "policy", "editorial"];
const ID = /^[a-z0-9][a-z0-9-]{0,99}$/;

export function pagesPage({ ask, attempt, say }) {
  const state = { pages: [], mayEdit: false, chosen: null };
  const waits = waitingLine();
  const wanted = el("input", { type: "search", placeholder: "Title or name", "aria-label": "Find a page", oninput: () => drawList() });
  const fresh = el("button", { type: "button", textContent: "New page", hidden: true, onclick: () => edit(null) });
  const list = el("div.turns.pages", { role: "group", "aria-label": "Pages" });
  const desk = el("section.waterfall", { "aria-label": "Page", tabIndex: -1 }, el("p.quiet", { textContent: "Choose a page." }));
  const done = el("p", { role: "status" });

  async function look() {
    const told = await ask(PATH);
    Object.assign(state, { pages: told.pages, mayEdit: told.may_edit });
    waits.tell(told.changes_wait);
    fresh.hidden = !told.may_edit;
    const drafts = told.pages.filter(({ draft_by: by }) => by).length;
    say(told.may_edit ? `${drafts} ${drafts === 1 ? "draft waits" : "drafts wait"}` : "You may read pages; your account may not edit them.");
    drawList();
  }

  function drawList() {
    const words = wanted.value.trim().toLowerCase();
    const fits = state.pages.filter(({ id, title }) => `${id} ${title}`.toLowerCase().includes(words)).slice(0, 60);
    list.replaceChildren(...(fits.length ? fits.map(row) : [el("p.quiet", { textContent: "No page is called that." })]));
  }

  function row({ id, title, source_type: kind, draft_by: by }) {
    return el("button", { type: "button", "aria-current": id === state.chosen ? "true" : null, onclick: () => attempt(() => open(id)) },
      el("strong", { textContent: title }),
      el("small", { textContent: by ? `${kind} · draft by ${by}` : kind }));
  }

  async function open(id) {
    const page = await ask(`${PATH}/${id}`);
    state.chosen = id;
    drawList();
    desk.replaceChildren(...shown(page));
    desk.focus();
  }

  function shown(page) {
    const { id, approved, draft, changes } = page;
    const deed = (text, path, body, said, kind = "") => el("button", { type: "button", className: kind, textContent: text,
      onclick: () => attempt(async () => {
        await ask(`${PATH}/${id}/${path}`, body);
        done.textContent = said();
        await look();
        await open(id).catch(() => desk.replaceChildren(el("p.quiet", { textContent: "Choose a page." })));
      }) });
    const tools = !state.mayEdit ? [] : [
      draft && !draft.is_own ? deed("Approve", "approve", { revision: draft.revision }, () => `Approved: shoppers are told it ${waits.when("within seconds")}.`, "main") : null,
      el("button", { type: "button", textContent: draft ? "Edit the draft" : "Edit", onclick: () => edit(page) }),
      draft ? deed("Discard the draft", "discard", {}, () => "The draft is gone; the page stays as it is.") : null,
    ];
    const text = (draft ?? { text: approved }).text;
    return [el("h2", { textContent: text.title }),
      el("p.facts", { textContent: `${id} · ${text.source_type}${draft ? ` · draft ${draft.revision} by ${draft.edited_by}, ${day(draft.edited_at)}` : ""}` }),
      draft?.is_own ? el("p.quiet", { textContent: "You wrote this draft: somebody else approves it." }) : "",
      el("div.tools", {}, tools),
      draft ? el("div.changes", { role: "group", "aria-label": "What the draft changes", tabIndex: 0 }, withoutLongRuns(changes)) : el("pre.body", { tabIndex: 0, "aria-label": "Text" }, approved.body)];
  }

  function edit(page) {
    const text = page?.draft?.text ?? page?.approved ?? { source_type: "faq", title: "", body: "", category: "", questions: [], answers: [], language: "" };
    const field = (label, input) => el("label", {}, label, input);
    const id = el("input", { required: true, value: page?.id ?? "", disabled: Boolean(page), maxLength: 100, placeholder: "faq-gift-receipts" });
    const kind = el("select", {}, KINDS.map((name) => el("option", { value: name, textContent: name, selected: name === text.source_type })));
    const title = el("input", { required: true, maxLength: 300, value: text.title });
    const body = el("textarea", { required: true, maxLength: 50000, rows: 16, value: text.body });
    const questions = el("textarea", { rows: 5, value: text.questions.join("\n") });
    const wrong = el("p.wrong", { role: "alert" });
    const form = el("form.edit", {}, el("h2", { textContent: page ? "Edit" : "New page" }),
      field("Name", id), field("Kind", kind), field("Title", title), field("Text, in Markdown", body),
      field("How shoppers ask for it, one wording a line", questions), wrong,
      el("div.tools", {}, el("button.main", { type: "submit", textContent: "Save the draft" }),
        el("button", { type: "button", textContent: "Cancel", onclick: () => (page ? attempt(() => open(page.id)) : desk.replaceChildren(el("p.quiet", { textContent: "Choose a page." }))) })));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!ID.test(id.value)) {
        wrong.textContent = "A name has small letters, digits and hyphens.";
        return id.focus();
      }
      const lines = questions.value.split("\n").map((line) => line.trim()).filter(Boolean);
      const draft = { ...text, source_type: kind.value, title: title.value.trim(), body: body.value, questions: lines };
      attempt(async () => {
        await ask(`${PATH}/${id.value}/draft`, draft);
        done.textContent = "Saved as a draft. Nobody is shown it before somebody else approves it.";
        await look();
        await open(id.value);
      });
    });
    desk.replaceChildren(form);
    (page ? title : id).focus();
  }

  return { title: "Pages", look, nodes: [waits.node, el("div.tools", {}, wanted, fresh), done, el("div.split", {}, list, desk)] };
}

/** Lines that stay as they are, but for those beside a change, become one line that counts them. */
function withoutLongRuns(changes) {
  const stays = changes.map((parts) => parts.every(({ kind }) => kind === "same"));
  const isNear = (index) => stays.slice(Math.max(0, index - BESIDE), index + BESIDE + 1).includes(false);
  const shown = [];
  let skipped = 0;
  const close = () => {
    if (skipped) shown.push(el("p.skipped", { textContent: `${skipped} ${skipped === 1 ? "line stays" : "lines stay"} as they are`.replace("line stays as they are", "line stays as it is") }));
    skipped = 0;
  };
  changes.forEach((parts, index) => {
    if (!isNear(index)) return void (skipped += 1);
    close();
    shown.push(changed(parts));
  });
  close();
  return shown;
}

function changed(parts) {
  const kinds = new Set(parts.map(({ kind }) => kind));
  const kind = kinds.size > 1 ? "changed" : parts[0].kind;
  const tags = { same: "span", added: "ins", removed: "del" };
  return el(`p.${kind}`, {}, parts.map(({ kind: each, text }) => el(tags[each], { textContent: text || " " })));
}

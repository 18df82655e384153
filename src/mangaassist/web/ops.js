// The console: one page a place, asked again as long as somebody looks, and who looks.

import { el } from "./dom.js";
import { attempted, call, takeToken } from "./operator-line.js";
import { signInForm } from "./operator-sign-in.js";
import { showPlaces } from "./places.js";
import { auditPage } from "./ops-audit.js";
import { faultsPage } from "./ops-faults.js";
import { knowledgePage } from "./ops-knowledge.js";
import { overviewPage } from "./ops-overview.js";
import { pagesPage } from "./ops-pages.js";
import { turnsPage } from "./ops-turns.js";

const PAGES = {
  "/ops": overviewPage,
  "/ops/turns": turnsPage,
  "/ops/knowledge": knowledgePage,
  "/ops/pages": pagesPage,
  "/ops/audit": auditPage,
  "/ops/faults": faultsPage,
};
const HIDDEN_TIMES = 6;

const main = document.querySelector("main");
const status = document.getElementById("state");
let signing = false;

takeToken();
showPlaces(document.getElementById("places"));

/** What a page does with the server: `ask` for something, `attempt` a deed and hear whether it worked, `say` how it stands. */
const house = { ask: call, attempt, say };
const page = PAGES[window.location.pathname.replace(/\/$/, "")](house);
document.title = `${page.title} · MangaAssist`;

function attempt(work) {
  return attempted(work, ({ status: code, message }) => {
    const isWhoWeAre = code === 401 || (code === 403 && work === page.look);
    (isWhoWeAre ? signIn : say)(message);
  });
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

function open() {
  signing = false;
  main.replaceChildren(...page.nodes);
  main.setAttribute("aria-busy", "false");
}

function signIn(why) {
  if (signing) return;
  signing = true;
  say(why);
  const form = signInForm(() => {
    open();
    attempt(page.look);
  });
  main.replaceChildren(form);
  main.setAttribute("aria-busy", "false");
  form.elements.token.focus();
}

async function again() {
  for (;;) {
    if (!signing) await attempt(page.look);
    if (!page.everyMs) return;
    await new Promise((resume) => window.setTimeout(resume, document.hidden ? page.everyMs * HIDDEN_TIMES : page.everyMs));
  }
}

open();
again();

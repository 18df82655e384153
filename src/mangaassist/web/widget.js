// The assistant on a shop's page: <script type="module" src="{assistant}/widget/widget.js">. docs/embedding.md says what a page can set.
//
// This file is all that a page loads at first: it draws the launcher by itself. The conversation comes when somebody wants it,
// or when the page has nothing better to do.

const LAUNCHER = {
  en: { label: "Ask", ask: "Ask the assistant", failed: "The assistant can't be reached. Try again" },
  ja: { label: "質問する", ask: "アシスタントに質問する", failed: "アシスタントにつながりません。もう一度試す" },
  es: { label: "Pregunta", ask: "Preguntar al asistente", failed: "No se puede contactar con el asistente. Reintentar" },
};
const SMALL_SCREEN = "(max-width: 520px)";
const TEXT = /^data-text-(.+)$/;

// Ink on paper. Contrast is AA in both schemes. A host page reaches as far as `:host` and its own `--manga-assist-…`.
const LOOKS = `
:host { all: initial !important; }
.root {
  all: initial;
  --ink: var(--manga-assist-ink, light-dark(#17161a, #efeae0)); --paper: var(--manga-assist-paper, light-dark(#fffdf8, #1d1c21));
  --wash: var(--manga-assist-wash, light-dark(#f3efe6, #141317)); --line: var(--manga-assist-line, light-dark(#d8d1c2, #3b3942));
  --soft: var(--manga-assist-soft, light-dark(#5b564f, #b1aba0)); --accent: var(--manga-assist-accent, light-dark(#b3261e, #ff8f7a));
  --on-accent: var(--manga-assist-on-accent, light-dark(#fffdf8, #17161a)); --header: var(--manga-assist-header, light-dark(#17161a, #1d1c21));
  --on-header: var(--manga-assist-on-header, light-dark(#fffdf8, #efeae0)); --on-header-soft: light-dark(#cfc9bd, #b1aba0);
  --star: light-dark(#b26a00, #f0b54a); --good: light-dark(#1c6b3f, #7fd1a0); --mark: light-dark(#ffe69a, #5d4a12);
  --shade: light-dark(rgb(23 22 26 / .33), rgb(0 0 0 / .4)); --dots: light-dark(rgb(255 253 248 / .17), rgb(239 234 224 / .1));
  --radius: var(--manga-assist-radius, 20px); --gap: var(--manga-assist-gap, 20px);
  position: fixed; z-index: 2147483000; inset: auto 0 0 auto; display: block; color-scheme: light dark;
  font: 15px/1.5 var(--manga-assist-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Hiragino Sans", sans-serif);
  color: var(--ink);
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.launcher {
  position: fixed; right: max(var(--gap), env(safe-area-inset-right)); bottom: max(var(--gap), env(safe-area-inset-bottom));
  display: flex; align-items: center; gap: 9px; height: 56px; padding: 0 22px 0 18px; border-radius: 28px 28px 6px 28px; cursor: pointer;
  background: var(--header) radial-gradient(var(--dots) 1.1px, transparent 1.5px) 0 0 / 7px 7px; color: var(--on-header);
  border: 2px solid var(--on-header); box-shadow: 0 0 0 1px var(--shade), 0 10px 28px var(--shade);
  font: inherit; font-weight: 700; letter-spacing: .01em; transition: transform .16s ease;
}
.left .launcher { left: max(var(--gap), env(safe-area-inset-left)); right: auto; border-radius: 28px 28px 28px 6px; }
.launcher:hover { transform: translateY(-2px); }
.launcher[aria-busy="true"] { opacity: .75; cursor: progress; }
.launcher svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.badge { position: absolute; top: -4px; right: -2px; width: 15px; height: 15px; border-radius: 50%; background: var(--accent); border: 2px solid var(--on-header); }
@media (prefers-reduced-motion: reduce) { .launcher { transition: none; } }
`;
const BUBBLE = "M4 5.5h16v10.2h-8.6L6.8 19.6v-3.9H4z M8 9.2h8 M8 12.1h5.2";

class MangaAssist extends HTMLElement {
  connectedCallback() {
    for (const other of document.querySelectorAll("manga-assist[data-mounted]")) if (other !== this) other.remove(); // the page's own wins
    this.assistant = webOrigin(this.dataset.assistant) ?? new URL(import.meta.url).origin;
    if (!this.shadowRoot) this.build();
    this.root.popover = "manual"; // the top layer: no transform or stacking of the page's reaches it
    this.root.showPopover?.();
    this.listen();
    const { open, pending } = kept(this.assistant);
    if (!isSmall() && ("open" in this.dataset || open === true)) this.open({ focus: false });
    else if (pending?.length) this.conversation();
    else whenIdle(preload);
  }

  build() {
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // passes a host page's content security policy, a style element may not
    sheet.replaceSync(LOOKS);
    root.adoptedStyleSheets = [sheet];
    this.root = made("div", { className: this.dataset.side === "left" ? "root left" : "root", lang: this.language });
    const words = LAUNCHER[this.language] ?? LAUNCHER.en;
    this.badge = made("span", { className: "badge", hidden: true });
    this.launcher = made("button", { className: "launcher", type: "button", ariaExpanded: "false", ariaHasPopup: "dialog", onclick: () => this.open() });
    this.launcher.append(bubble(), made("span", { textContent: this.dataset.label || words.label }), this.badge);
    this.launcher.ariaLabel = this.dataset.label || words.ask;
    this.root.append(this.launcher);
    root.append(this.root);
  }

  /** The page's language, or the one that `data-lang` names. */
  get language() {
    const wished = this.dataset.lang || document.documentElement.lang || navigator.language || "en";
    const code = wished.toLowerCase().split("-")[0];
    return Object.hasOwn(LAUNCHER, code) ? code : "en";
  }

  /** The page's own words: `data-text-welcome="…"` for the text of that name. */
  get texts() {
    const named = [...this.attributes].map(({ name, value }) => [TEXT.exec(name)?.[1], value]).filter(([name]) => name);
    return Object.fromEntries(named.map(([name, value]) => [name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()), value]));
  }

  listen() {
    this.listening = new AbortController();
    const on = (name, heard) => document.addEventListener(`mangaassist:${name}`, heard, { signal: this.listening.signal });
    on("context", ({ detail }) => this.moved(detail));
    on("sign-in", ({ detail }) => this.signedIn(detail));
    on("open", ({ detail }) => (typeof detail?.message === "string" ? this.ask(detail.message) : this.open()));
    this.small = window.matchMedia(SMALL_SCREEN);
    this.small.addEventListener("change", () => this.panel?.open && this.show({ focus: false }), { signal: this.listening.signal });
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.begun?.then((conversation) => conversation.end());
    this.begun = null;
    this.panel?.remove();
    this.panel = null;
    if (this.launcher) this.launcher.hidden = false;
  }

  /** The conversation, loaded once it is wanted. */
  conversation() {
    this.begun ??= this.load();
    return this.begun;
  }

  async load() {
    const { begin } = await import("./conversation.js");
    const conversation = await begin(this);
    this.panel = conversation.view.node;
    this.panel.addEventListener("cancel", (event) => (event.preventDefault(), this.close()));
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.close();
      if (event.key === "Tab" && isSmall()) this.keepFocus(event);
    });
    this.root.prepend(this.panel);
    return conversation;
  }

  // ---- what a page may call

  async open({ focus = true } = {}) {
    this.launcher.ariaBusy = "true";
    try {
      const conversation = await this.conversation();
      this.show({ focus });
      conversation.opened({ focus });
    } catch (error) {
      this.begun = null;
      this.launcher.ariaLabel = (LAUNCHER[this.language] ?? LAUNCHER.en).failed;
      this.launcher.title = this.launcher.ariaLabel;
      console.error("MangaAssist could not be loaded:", error);
    } finally {
      this.launcher.ariaBusy = null;
    }
  }

  close() {
    this.panel?.close();
    this.launcher.hidden = false;
    this.launcher.ariaExpanded = "false";
    this.begun?.then((conversation) => conversation.closed());
    this.launcher.focus({ preventScroll: true });
  }

  async ask(text) {
    await this.open();
    (await this.begun)?.ask(String(text).slice(0, 2000));
  }

  // ---- the panel

  /** On a small screen it covers the page, which is out of reach behind it. */
  show() {
    const covers = isSmall();
    if (this.panel.open) this.panel.close();
    if (covers) this.panel.showModal();
    else this.panel.open = true;
    this.panel.setAttribute("aria-modal", String(covers));
    this.launcher.hidden = true;
    this.launcher.ariaExpanded = "true";
    this.badge.hidden = true;
  }

  keepFocus(event) {
    const stops = [...this.panel.querySelectorAll("button, a[href], textarea, summary, [tabindex='0']")].filter(
      (stop) => !stop.disabled && stop.checkVisibility(),
    );
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (this.shadowRoot.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }

  /** Something was said while nobody looked. */
  mark() {
    if (!this.panel?.open) this.badge.hidden = false;
  }

  // ---- what the page says

  moved(detail) {
    if (detail && typeof detail === "object") window.mangaassist = { ...window.mangaassist, page: detail.page ?? detail };
    this.begun?.then((conversation) => conversation.moved());
  }

  signedIn(detail) {
    if (detail && "token" in detail) window.mangaassist = { ...window.mangaassist, token: detail.token };
    this.begun?.then((conversation) => conversation.signedIn());
  }
}

function made(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

function bubble() {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
  path.setAttribute("d", BUBBLE);
  svg.append(path);
  return svg;
}

/** Scheme, name and port, or null for what is no address of a web server. */
function webOrigin(address) {
  try {
    const url = new URL(address || "", document.baseURI);
    return address && /^https?:$/.test(url.protocol) ? url.href.replace(/\/+$/, "") : null;
  } catch {
    return null;
  }
}

/** What was remembered on an earlier page: whether the panel is open, and what waits for an answer. */
function kept(assistant) {
  try {
    return JSON.parse(window.localStorage.getItem(`mangaassist:${assistant}`)) ?? {};
  } catch {
    return {};
  }
}

function isSmall() {
  return window.matchMedia(SMALL_SCREEN).matches;
}

function whenIdle(does) {
  (window.requestIdleCallback ?? ((later) => setTimeout(later, 2_000)))(does);
}

function preload() {
  document.head.append(made("link", { rel: "modulepreload", href: new URL("./conversation.js", import.meta.url).href }));
}

/** The page's own <manga-assist>, or one of ours; the script tag that loaded this module sets what the element leaves open. */
function mount() {
  const here = import.meta.url;
  const script = [...document.scripts].find(({ src }) => src === here);
  const own = document.querySelector("manga-assist");
  const widget = own ?? document.createElement("manga-assist");
  const settings = { assistant: new URL(here).origin, ...script?.dataset };
  if (!own) settings.mounted = "";
  for (const [name, value] of Object.entries(settings)) if (!(name in widget.dataset)) widget.dataset[name] = value;
  customElements.define("manga-assist", MangaAssist);
  if (!own && script?.dataset.mount !== "none") document.body.append(widget);
}

if (!customElements.get("manga-assist")) mount();

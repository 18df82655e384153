// The panel's looks, on top of what the launcher brings (widget.js: colours, and what a host page may set of them).

const SHEET = `
p, h2, h3, ul, ol, pre, table { margin: 0; padding: 0; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; background: none; border: 0; padding: 0; }
button:disabled { cursor: default; }
a { color: inherit; }
.byline, .rating, .price.unknown, .stock, .reason, .note, .ending, .notice, .footnotes, .theirs, .label { font-size: 13px; color: var(--soft); }
.icon, .step, .small, .send, .down { width: 44px; height: 44px; display: grid; place-items: center; }
svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.panel {
  position: fixed; inset: auto max(var(--gap), env(safe-area-inset-right)) max(var(--gap), env(safe-area-inset-bottom)) auto;
  width: min(var(--manga-assist-width, 420px), calc(100vw - 2 * var(--gap))); max-width: none;
  height: min(var(--manga-assist-height, 700px), calc(100dvh - 2 * var(--gap))); max-height: none;
  margin: 0; padding: 0; color: inherit; grid-template-rows: auto minmax(0, 1fr) auto; overflow: hidden;
  background: var(--wash); border: 2px solid var(--ink); border-radius: var(--radius); box-shadow: 0 24px 64px var(--shade);
  animation: rise .22s cubic-bezier(.2, .8, .3, 1);
}
.panel[open] { display: grid; }
.panel::backdrop { background: none; }
.left .panel { inset: auto auto max(var(--gap), env(safe-area-inset-bottom)) max(var(--gap), env(safe-area-inset-left)); }
.header { position: relative; display: flex; align-items: center; gap: 0; padding: 12px 8px 11px 18px; background: var(--header); color: var(--on-header); border-bottom: 2px solid var(--ink); }
.header::before {
  content: ""; position: absolute; inset: 0; background: radial-gradient(var(--dots) 1.5px, transparent 1.9px) 0 0 / 8px 8px;
  mask: linear-gradient(100deg, transparent 30%, #000);
}
.header > * { position: relative; }
.name { flex: 1; min-width: 0; }
h2 { font-size: 17px; line-height: 1.25; font-weight: 800; letter-spacing: .005em; }
.header p { display: flex; align-items: center; gap: 7px; font-size: 13px; line-height: 1.35; color: var(--on-header-soft); }
.dot { width: 8px; height: 8px; border-radius: 50%; background: #8d877c; flex: none; }
.dot[data-tone="good"] { background: #4fbf83; }
.dot[data-tone="busy"] { background: #f0b54a; animation: pulse 1.2s ease-in-out infinite; }
.icon { flex: none; border-radius: 12px; }
.icon:hover { background: color-mix(in srgb, var(--on-header) 16%, var(--header)); }

.past { max-height: 40vh; overflow-y: auto; background: var(--paper); border-bottom: 1.5px solid var(--line); padding: 6px; }
.past button { display: block; width: 100%; min-height: 44px; padding: 8px 12px; border-radius: 10px; text-align: left; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.past button:hover { background: var(--wash); }
.banner { display: flex; gap: 10px; align-items: center; padding: 9px 18px; background: var(--paper); border-bottom: 1.5px solid var(--line); font-size: 14px; font-weight: 620; }
.banner svg { flex: none; color: var(--good); }
.banner .again { flex: none; min-height: 44px; margin-left: auto; font-size: 13px; }
.theirs { font-weight: 400; }
.frame { min-height: 0; position: relative; }
.scroller { position: relative; height: 100%; overflow-y: auto; overscroll-behavior: contain; padding: 18px 0 10px; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.log { border-radius: 8px; }
.log > *, .welcome, .chips { padding-inline: 16px; }
.log > * { margin-bottom: 12px; }
.log > :not(:nth-last-child(-n + 3)) { content-visibility: auto; contain-intrinsic-size: auto 90px; }
.welcome { margin-bottom: 14px; }
.welcome p { font-size: 16px; line-height: 1.5; color: var(--ink); max-width: 31ch; text-wrap: pretty; }
.panel:not(.fresh) .welcome { display: none; }
.down { position: absolute; right: 14px; bottom: 12px; border-radius: 50%; background: var(--paper); border: 1.5px solid var(--ink); box-shadow: 0 4px 14px var(--shade); }
.down svg { width: 19px; height: 19px; }

.question { display: grid; justify-items: end; gap: 5px; padding: 6px 16px 0 16%; }
.question > p:not(.problem) {
  padding: 9px 14px; border-radius: 18px 18px 5px 18px; background: var(--ink); color: var(--paper);
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.problem { font-size: 13px; color: var(--accent); }
.question .problem { text-align: right; }
.again { text-decoration: underline; text-underline-offset: 2px; font-weight: 650; }

.answer { display: grid; grid-template-columns: minmax(0, 1fr); gap: 10px; }
.bubble, .agent {
  justify-self: start; max-width: 92%; padding: 10px 15px; border: 1.5px solid var(--ink); border-radius: 18px 18px 18px 5px;
  background: var(--paper); overflow-wrap: anywhere; display: grid; gap: 8px; align-content: start;
}
.log > .agent { width: fit-content; max-width: 88%; margin-inline: 16px; gap: 1px; border-color: var(--good); }
.agent p { white-space: pre-wrap; }
.who { font-size: 13px; color: var(--good); }
.bubble { min-width: 0; }
.bubble ul, .bubble ol { padding-left: 1.25em; display: grid; gap: 4px; }
.bubble h3 { font-size: 15px; font-weight: 750; line-height: 1.4; }
.bubble pre, .bubble .wide { overflow-x: auto; max-width: 100%; }
.bubble pre { border-radius: 8px; padding: 9px 12px; background: var(--wash); white-space: pre; }
.bubble code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--wash); border-radius: 4px; padding: 1px 4px; }
.bubble pre code { padding: 0; }
.bubble table { border-collapse: collapse; font-size: 14px; }
.bubble th, .bubble td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-variant-numeric: tabular-nums; }
.bubble th { font-weight: 680; }
.bubble a { text-underline-offset: 2px; }
.bubble li::marker { color: var(--accent); }
.bubble strong { font-weight: 680; }
mark { background: var(--mark); color: inherit; border-radius: 3px; box-shadow: 0 0 0 2px var(--mark); animation: settle 3.2s ease-out forwards; }
.typing { display: flex; align-items: center; gap: 5px; padding: 7px 1px; }
.label { margin-left: 5px; line-height: 1; }
.typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--ink); animation: hop 1.1s ease-in-out infinite; }
.typing i:nth-child(2) { animation-delay: .14s; }
.typing i:nth-child(3) { animation-delay: .28s; }
.notices { display: grid; gap: 6px; }
.notices:empty, .after:empty { display: none; }
.notice { line-height: 1.42; border-left: 3px solid var(--star); padding: 1px 0 1px 10px; max-width: 92%; }
.note { width: fit-content; max-width: 90%; margin-inline: auto;  text-align: center; text-wrap: balance; }
.fresh .note { max-width: 34ch; margin: 0 0 16px; text-align: left; }
.after { display: grid; gap: 10px; min-width: 0; animation: appear .24s ease-out; }

.shelf { display: grid; grid-template-columns: minmax(0, 1fr); gap: 4px; }
.cards { list-style: none; display: flex; gap: 10px; overflow-x: auto; margin: 0 -16px; padding: 2px 16px 8px; scroll-padding: 16px; scroll-snap-type: x proximity; scrollbar-width: none; overscroll-behavior-x: contain; }
.card { flex: none; width: min(270px, 82%); scroll-snap-align: start; display: grid; grid-template-columns: 82px minmax(0, 1fr); grid-template-rows: auto 1fr auto; gap: 8px 12px; padding: 11px; background: var(--paper); border: 1.5px solid var(--line); border-radius: 14px; transition: border-color .15s; }
.card:only-child { width: 100%; }
.card:hover { border-color: var(--ink); }
.steps { display: flex; justify-content: flex-end; gap: 4px; }
.fits .steps { display: none; }
@media (pointer: coarse) { .steps { display: none; } }
.step { border-radius: 12px; }
.step:hover { background: var(--paper); }
.step:disabled { color: var(--line); background: none; }
.cover { position: relative; width: 82px; height: 123px; border-radius: 5px; overflow: hidden; border: 1.5px solid var(--ink); background: var(--wash) radial-gradient(var(--line) 1.2px, transparent 1.6px) 0 0 / 6px 6px; display: grid; place-items: center; }
.cover span { font-size: 30px; font-weight: 800; color: var(--soft); }
.cover img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; }
.about { display: flex; flex-direction: column; gap: 2px; min-width: 0; }
.title { font-weight: 680; line-height: 1.32; overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
.title a { text-decoration: none; }
.title a:hover { text-decoration: underline; text-underline-offset: 2px; }
.rating { display: flex; gap: 6px; align-items: baseline; position: relative; }
.stars { letter-spacing: 1px; color: transparent; background: linear-gradient(90deg, var(--star) var(--filled), var(--line) var(--filled)); -webkit-background-clip: text; background-clip: text; }
.price { display: flex; gap: 8px; align-items: baseline; margin-top: 2px; position: relative; }
.price strong { font-size: 17px; font-weight: 750; font-variant-numeric: tabular-nums; }
.price s { color: var(--soft); font-size: 14px; }
.stock.good { color: var(--good); }
.stock.bad { color: var(--accent); }
.reason { grid-column: 1 / -1; line-height: 1.4; text-wrap: pretty; }
.deeds { grid-column: 1 / -1; grid-row: 3; display: flex; gap: 8px; }
.deed { display: inline-flex; align-items: center; justify-content: center; min-height: 44px; padding: 0 14px; border: 1.5px solid var(--ink); border-radius: 9px; font-size: 13.5px; font-weight: 620; text-decoration: none; background: var(--paper); }
.deed:hover, .action:hover { background: var(--wash); }
.deed.cart { flex: 1; background: var(--ink); color: var(--paper); }
.deed.cart:hover { background: color-mix(in srgb, var(--ink) 84%, var(--paper)); }
.deed.cart.inside, .action.inside { background: var(--paper); color: var(--good); border-color: var(--good); }
[data-adding] { opacity: .7; }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; }
.buttons:empty { display: none; }
.action { min-height: 44px; padding: 6px 14px; border: 1.5px solid var(--ink); border-radius: 10px; background: var(--paper); font-size: 14px; font-weight: 620; text-align: left; line-height: 1.3; }

.footnotes { display: grid; gap: 4px; }
.sources summary { cursor: pointer; width: fit-content; min-height: 44px; padding: 12px 2px; border-radius: 6px; }
.rating-row { display: flex; flex-wrap: wrap; align-items: center; margin: -6px 0 -4px -10px; color: var(--soft); font-size: 13px; }
.small { border-radius: 10px; }
.small svg { width: 18px; height: 18px; }
.small:hover:enabled { background: var(--paper); color: var(--ink); }
.small[aria-pressed="true"] { color: var(--ink); }
.small[aria-pressed="true"] svg { fill: var(--mark); }
.why textarea { width: 100%; }
.why { flex-basis: 100%; display: grid; padding: 5px 14px 10px; justify-items: start; margin: 0 0 8px 10px; color: var(--ink); }
.sources summary:hover { color: var(--ink); }
.sources ul { list-style: none; display: grid; gap: 5px; padding: 5px 0 2px; }
.sources li { display: flex; gap: 8px; align-items: baseline; color: var(--ink); overflow-wrap: anywhere; }
.kind { flex: none; padding: 0 7px; border: 1px solid var(--line); border-radius: 99px; font-size: 12px; color: var(--soft); background: var(--paper); }

.chips { display: flex; flex-wrap: wrap; gap: 8px; padding-block: 14px 6px; }
.chips:empty { display: none; }
.fresh .chips { padding-top: 0; flex-direction: column; align-items: flex-start; }
.chip { min-height: 44px; padding: 8px 16px; border-radius: 22px; border: 1.5px dashed var(--soft); font-size: 14px; text-align: left; line-height: 1.3; background: transparent; }
.chip:hover { border-style: solid; border-color: var(--ink); background: var(--paper); }

.dock { position: relative; padding: 10px 12px max(12px, env(safe-area-inset-bottom)); border-top: 1.5px solid var(--line); background: var(--paper); display: grid; gap: 6px; }
form { display: flex; align-items: flex-end; gap: 8px; border: 1.5px solid var(--ink); border-radius: 15px; padding: 5px 5px 5px 14px; background: var(--paper); }
form:focus-within { box-shadow: 0 0 0 1.5px var(--ink); }
textarea, textarea:focus-visible { flex: 1; min-width: 0; resize: none; border: 0; outline: 0; background: none; padding: 10px 0; line-height: 1.45; max-height: 132px; font-size: 16px; }
textarea::placeholder { color: var(--soft); opacity: 1; text-overflow: ellipsis; white-space: nowrap; }
.send { flex: none; border-radius: 11px; background: var(--accent); color: var(--on-accent); }
.send:disabled { background: var(--wash); color: var(--soft); }
.stop { justify-self: center; display: flex; align-items: center; gap: 5px; min-height: 44px; padding: 0 16px 0 11px; border: 1.5px solid var(--ink); border-radius: 99px; background: var(--paper); font-size: 13px; font-weight: 620; }
.stop:hover { background: var(--wash); }
.stop svg { width: 19px; height: 19px; fill: currentColor; }
.count { font-size: 12.5px; color: var(--soft); text-align: right; font-variant-numeric: tabular-nums; }
.count:empty { display: none; }
.count.over { color: var(--accent); font-weight: 650; }

@media (max-width: 520px) {
  .panel, .left .panel { inset: 0; width: 100vw; height: 100dvh; border: 0; border-radius: 0; }
  .header { padding-top: max(14px, env(safe-area-inset-top)); }
}
@keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.985); } }
@keyframes appear { from { opacity: 0; transform: translateY(5px); } }
@keyframes pulse { 50% { opacity: .35; } }
@keyframes hop { 0%, 60%, 100% { transform: none; opacity: .45; } 30% { transform: translateY(-4px); opacity: 1; } }
@keyframes settle { 55% { background: var(--mark); box-shadow: 0 0 0 2px var(--mark); } to { background: transparent; box-shadow: none; } }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation-duration: .01ms !important; animation-iteration-count: 1 !important; transition: none !important; }
  mark { animation: none; }
}
@media (forced-colors: active) {
  .stars { color: CanvasText; background: none; }
  .question > p:not(.problem) { border: 1px solid CanvasText; }
}
`;

/** Put the looks on a shadow root; constructed sheets pass a host page's content security policy, style elements may not. */
export function dress(root) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

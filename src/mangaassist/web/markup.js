// Light markup to data: paragraphs, headings, lists, tables, code; bold, italic, links. Everything else is text.

const FENCE = /^\s*```/;
const HEADING = /^#{1,4} +/;
const RULE = /^\s*\|?(\s*:?-{2,}:?\s*\|)+\s*(:?-{2,}:?)?\s*$/;
const ITEMS = [
  ["ul", /^\s*[-•*] +/],
  ["ol", /^\s*\d{1,3}[.)] +/],
];
const INLINE =
  /(`)([^`\n]+)`|\[([^\]\n]+)\]\(((?:https?:\/\/|\/)[^\s)]*)\)|(https?:\/\/[^\s<>"'`*]*[^\s<>"'`*.,;:!?)\]])|\*\*|(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])|(?<!\w)_(?=[^\s_])([^_\n]*[^\s_])_(?!\w)/g;
const UNFINISHED = /\*{1,2}$|\[[^\]\n]*$|\[[^\]\n]+\]\([^)\s]*$/;

/**
 * `corrected` are ranges [from, to) of `text`. Gives blocks `{kind, lines}`, each line a list of runs
 * `{text, bold, corrected, kind?, href?}`, and of a table each row a list of such lines. While the text is `growing`, a bold
 * run that has only been opened is bold already, and what may become a link is not shown yet.
 */
export function blocks(text, corrected = [], growing = false) {
  const shown = growing ? text.replace(UNFINISHED, "") : text;
  const made = [];
  let at = 0;
  for (const line of shown.split("\n")) {
    add(made, line, { at, corrected, growing });
    at += line.length + 1;
  }
  return made.filter((block) => block && !(block.kind === "code" && !block.lines.length)).map(tidy);
}

function add(made, line, place) {
  const open = made.at(-1);
  if (FENCE.test(line)) made.push(open?.kind === "code" && !open.closed ? void (open.closed = true) : { kind: "code", lines: [] });
  else if (open?.kind === "code" && !open.closed) open.lines.push(plain(line, place));
  else if (!line.trim()) made.push(null);
  else if (RULE.test(line) && open?.kind === "p" && open.source.at(-1)?.includes("|")) toTable(made, open, place);
  else if (open?.kind === "table" && line.includes("|")) open.lines.push(cells(line, place));
  else addText(made, open, line, place);
}

function addText(made, open, line, place) {
  const heading = HEADING.exec(line)?.[0];
  const [kind, marker] = heading ? ["h", heading] : itemOf(line);
  const found = runs(line.slice(marker.length), place.at + marker.length, place);
  if (open?.kind === kind && kind !== "h") {
    open.lines.push(found);
    open.source.push(line);
    open.places.push(place);
  } else made.push({ kind, lines: [found], start: Number.parseInt(marker, 10) || 1, source: [line], places: [place] });
}

function itemOf(line) {
  for (const [kind, pattern] of ITEMS) {
    const marker = pattern.exec(line)?.[0];
    if (marker) return [kind, marker];
  }
  return ["p", ""];
}

/** The line above a rule was a table's head. */
function toTable(made, open, place) {
  const head = cells(open.source.pop(), open.places.pop());
  open.lines.pop();
  if (!open.lines.length) made.pop();
  made.push({ kind: "table", lines: [head] });
}

function cells(line, place) {
  const found = [];
  let at = place.at;
  for (const part of line.split("|")) {
    const lead = part.length - part.trimStart().length;
    found.push(runs(part.trim(), at + lead, place));
    at += part.length + 1;
  }
  const edges = line.trim();
  return found.slice(edges.startsWith("|") ? 1 : 0, edges.endsWith("|") ? -1 : undefined);
}

function tidy({ kind, lines, start }) {
  return kind === "ol" ? { kind, lines, start } : { kind, lines };
}

function plain(line, { at, corrected }) {
  return marked(line, at, corrected).map(([text, isCorrected]) => ({ text, bold: false, corrected: isCorrected }));
}

function runs(line, offset, { corrected, growing }) {
  const tokens = [...line.matchAll(INLINE)];
  const bolds = tokens.filter(([token]) => token === "**").length;
  const lone = bolds % 2 && !growing ? tokens.findLast(([token]) => token === "**") : null; // a lone ** is text
  const found = [];
  let bold = false;
  let at = 0;
  const put = (text, from, more = {}) => {
    for (const [piece, isCorrected] of marked(text, offset + from, corrected)) found.push({ text: piece, bold, corrected: isCorrected, ...more });
  };
  for (const token of tokens) {
    if (token === lone) continue;
    put(line.slice(at, token.index), at);
    at = token.index + token[0].length;
    if (token[0] === "**") bold = !bold;
    else put(...inner(token));
  }
  put(line.slice(at), at);
  return found;
}

/** The text of a token, where it stands in its line, and what it is. */
function inner(token) {
  const [whole, tick, code, label, address, url, starred, underlined] = token;
  if (tick) return [code, token.index + 1, { kind: "code" }];
  if (label) return [label, token.index + 1, { href: address }];
  if (url) return [url, token.index, { href: whole }];
  return [starred ?? underlined, token.index + 1, { kind: "em" }];
}

/** A stretch of text in pieces that lie wholly inside or outside the corrected ranges. */
function marked(text, from, corrected) {
  if (!text) return [];
  const to = from + text.length;
  const cuts = new Set([from, to]);
  for (const [start, end] of corrected) for (const cut of [start, end]) if (cut > from && cut < to) cuts.add(cut);
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(1).map((end, index) => {
    const start = edges[index];
    return [text.slice(start - from, end - from), corrected.some(([first, last]) => start >= first && end <= last)];
  });
}

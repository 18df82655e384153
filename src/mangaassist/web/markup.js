// Light markup to data: paragraphs, "- " lists, **bold**, line breaks. Everything else is text.

/**
 * `corrected` are ranges [from, to) of `text`. Gives blocks `{kind: "p" | "ul", lines}`, each line a list of runs
 * `{text, bold, corrected}`. While the text is `growing`, a bold run that has only been opened is bold already.
 */
export function blocks(text, corrected = [], growing = false) {
  const made = [];
  let at = 0;
  for (const line of text.split("\n")) {
    const bullet = /^\s*[-•*] +/.exec(line)?.[0] ?? "";
    const kind = bullet ? "ul" : "p";
    const open = made.at(-1);
    if (!line.trim()) made.push(null);
    else {
      const found = runs(line.slice(bullet.length), at + bullet.length, corrected, growing);
      if (open?.kind === kind) open.lines.push(found);
      else made.push({ kind, lines: [found] });
    }
    at += line.length + 1;
  }
  return made.filter(Boolean);
}

function runs(line, offset, corrected, growing) {
  const found = [];
  let bold = false;
  let at = 0;
  const parts = line.split("**");
  if (parts.length % 2 === 0 && !growing) parts.push(`${parts.splice(-2, 1)}**${parts.pop()}`); // a lone ** is text
  for (const part of parts) {
    const from = offset + at;
    for (const [text, marked] of split(part, from, corrected)) found.push({ text, bold, corrected: marked });
    at += part.length + 2;
    bold = !bold;
  }
  return found;
}

/** A stretch of text in pieces that lie wholly inside or outside the corrected ranges. */
function split(text, from, corrected) {
  const to = from + text.length;
  const cuts = new Set([from, to]);
  for (const [start, end] of corrected) for (const cut of [start, end]) if (cut > from && cut < to) cuts.add(cut);
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(1).map((end, index) => {
    const start = edges[index];
    const marked = corrected.some(([first, last]) => start >= first && end <= last);
    return [text.slice(start - from, end - from), marked];
  });
}

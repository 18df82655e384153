// Small pictures for figures: bars, a rate over time, a scale with its marks. Drawn as SVG, each with its words for who cannot see it.

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element with attributes and children. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.flat());
  return node;
}

/** Columns of a series, the newest on the right, `bad` of each marked; `label` says in words what they show. */
export function columns(values, label, { bad = [], width = 360, height = 72 } = {}) {
  const most = Math.max(1, ...values);
  const step = width / values.length;
  const column = (value, index, kind) => {
    const tall = value ? Math.max(2, (value / most) * (height - 2)) : 0;
    return svg("rect", { x: index * step + 0.75, y: height - tall, width: step - 1.5, height: tall, rx: 1, class: kind });
  };
  const bars = [...values.map((value, index) => column(value, index, "mark")), ...bad.map((value, index) => column(value, index, "bad"))];
  const ground = svg("line", { x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5, class: "axis" });
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "columns", preserveAspectRatio: "none" }, ground, bars);
}

/**
 * One row on a scale from 0 to `most`: a bar, or several `parts` ({from, value}), with a line at each of `lines` ({at, kind}).
 * What is past the end of the scale is cut off there.
 */
export function bar({ value = 0, parts = [{ from: 0, value }], most, lines = [], kind = "mark", label = "" }) {
  const at = (figure) => Math.min(100, Math.max(0, (figure / most) * 100));
  const drawn = parts.filter((part) => part.value > 0).map((part) => {
    const begin = Math.min(at(part.from), 99.4);
    return svg("rect", { x: `${begin}%`, y: "14%", width: `${Math.max(0.6, at(part.from + part.value) - begin)}%`, height: "72%", rx: 2, class: kind });
  });
  const marks = lines.filter((line) => line.at <= most).map((line) =>
    svg("line", { x1: `${at(line.at)}%`, x2: `${at(line.at)}%`, y1: 0, y2: "100%", class: line.kind ?? "limit" }));
  const said = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return svg("svg", { class: "bar", ...said }, svg("rect", { x: 0, y: "50%", width: "100%", height: 1, class: "axis" }), drawn, marks);
}

/** Three figures of a distribution on one scale, with the line that they should stay below. */
export function spread({ p50, p95, p99, most, limit, label }) {
  const at = (figure) => `${Math.min(99, (figure / most) * 100)}%`;
  return svg("svg", { class: "spread", role: "img", "aria-label": label },
    svg("rect", { x: 0, y: "50%", width: "100%", height: 1, class: "axis" }),
    svg("rect", { x: 0, y: "30%", width: at(p99), height: "40%", rx: 3, class: "far" }),
    svg("rect", { x: 0, y: "30%", width: at(p95), height: "40%", rx: 3, class: "mid" }),
    svg("rect", { x: 0, y: "30%", width: at(p50), height: "40%", rx: 3, class: "near" }),
    limit <= most ? svg("line", { x1: at(limit), x2: at(limit), y1: "8%", y2: "92%", class: "limit" }) : []);
}

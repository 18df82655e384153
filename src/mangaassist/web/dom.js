// The only place that makes elements: text goes in as text, addresses only when they lead to a web page.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  bubble: "M4 5.5h16v10.2h-8.6L6.8 19.6v-3.9H4z M8 9.2h8 M8 12.1h5.2",
  close: "M6 6l12 12 M18 6L6 18",
  send: "M5 12h13 M12.6 6.4 18.2 12l-5.6 5.6",
  stop: "M7.5 7.5h9v9h-9z",
  fresh: "M12 5.5v13 M5.5 12h13",
  down: "M12 5.5v12 M6.6 12.4 12 17.8l5.4-5.4",
};

/** An element with properties, attributes (`aria-…`, `data-…`, `role`), listeners (`onclick`) and children. */
export function el(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.includes("-") || key === "role" || key === "for") node.setAttribute(key, value === true ? "" : value);
    else node[key] = value;
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** The absolute address, or null for anything that is not a web page or a picture over http(s). */
export function safeUrl(address, base) {
  if (typeof address !== "string" || !address.trim()) return null;
  try {
    const url = new URL(address, base);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

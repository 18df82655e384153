// The only place that makes elements: text goes in as text, addresses only when they lead to a web page.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  close: "M6 6l12 12 M18 6L6 18",
  send: "M5 12h13 M12.6 6.4 18.2 12l-5.6 5.6",
  stop: "M7.5 7.5h9v9h-9z",
  fresh: "M12 5.5v13 M5.5 12h13",
  down: "M12 5.5v12 M6.6 12.4 12 17.8l5.4-5.4",
  person: "M12 4.5a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2z M5 19.5c.6-3.7 3.3-5.4 7-5.4s6.4 1.7 7 5.4",
  past: "M5 7.5V3.8 M5 7.5h3.8 M5.3 7.5A8 8 0 1 1 4 12 M12 8v4.3l2.8 1.7",
  copy: "M9 9h10v11H9z M15 9V4.5H5V15h4",
  good: "M7.5 11v8.5h-3V11z M7.5 11l4-7c1.6 0 2.3 1.1 2 2.6l-.6 3.4h5.6c1 0 1.7.9 1.5 1.9l-1.3 6.1c-.2.9-.9 1.5-1.8 1.5H7.5",
  bad: "M7.5 13V4.5h-3V13z M7.5 13l4 7c1.6 0 2.3-1.1 2-2.6l-.6-3.4h5.6c1 0 1.7-.9 1.5-1.9l-1.3-6.1c-.2-.9-.9-1.5-1.8-1.5H7.5",
  back: "M18.5 12h-12 M12 6.5 6.5 12l5.5 5.5",
  forth: "M5.5 12h12 M12 6.5 17.5 12 12 17.5",
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

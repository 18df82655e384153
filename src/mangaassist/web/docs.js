// The reference page: both schema documents as something to read. Everything on it comes from those two documents.

import { el } from "./dom.js";

const DOCUMENTS = ["/schema/openapi.json", "/schema/asyncapi.json"];
const LIMIT_MS = 10_000;
const DIRECTIONS = {
  receive: ["Frames from the client", "What a client may say. Each frame is one JSON object, told apart by its type."],
  send: ["Frames from the server", "What a client hears. Frames with a seq belong to the conversation and are replayed; the others speak of the connection."],
};

async function show() {
  const main = document.querySelector("main");
  try {
    const [rest, socket] = await Promise.all(DOCUMENTS.map(fetched));
    const sections = [operations(rest), connection(socket), ...frames(socket), types(rest, socket)];
    main.replaceChildren(
      el("h1", { textContent: `${rest.info.title} ${rest.info.version}` }),
      el("p", {}, "Generated from the types that serve the requests. Raw: ", ...links(DOCUMENTS)),
      ...sections.flatMap(({ title, about, entries }) => [el("h2", { textContent: title, id: slug(title) }), about && el("p", {}, prose(about)), ...entries.map(({ node }) => node)].filter(Boolean)),
    );
    document.querySelector("nav").replaceChildren(...contents(sections));
    if (window.location.hash) document.getElementById(window.location.hash.slice(1))?.scrollIntoView();
  } catch {
    const again = el("button", { type: "button", textContent: "Try again", onclick: show });
    main.replaceChildren(el("p", { textContent: "The schema documents could not be loaded." }), again);
  } finally {
    main.removeAttribute("aria-busy");
  }
}

async function fetched(address) {
  const response = await fetch(address, { signal: AbortSignal.timeout(LIMIT_MS) });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

function links(addresses) {
  return addresses.flatMap((address, index) => [index ? ", " : "", el("a", { href: address, textContent: address })]);
}

function contents(sections) {
  const groups = sections.map(({ title, entries }) =>
    el("div", {}, el("h2", { textContent: title }), entries.map(({ id, name }) => el("a", { href: `#${id}`, textContent: name }))),
  );
  const filter = el("input", { type: "search", placeholder: "Filter", "aria-label": "Filter the reference" });
  filter.addEventListener("input", () => narrow(filter.value.trim().toLowerCase()));
  return [el("a", { href: "/", textContent: "MangaAssist" }), filter, ...groups];
}

function narrow(sought) {
  for (const link of document.querySelectorAll("nav div a")) link.hidden = !matches(link.hash.slice(1), sought);
  for (const article of document.querySelectorAll("main article")) article.hidden = !matches(article.id, sought);
}

function matches(id, sought) {
  return (document.getElementById(id)?.textContent ?? "").toLowerCase().includes(sought);
}

// ---- what there is to read

function operations(rest) {
  const entries = Object.entries(rest.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operation(method.toUpperCase(), path, described)),
  );
  return { title: "REST", about: rest.info.description, entries };
}

function operation(method, path, { summary, parameters = [], requestBody, responses = {}, security }) {
  const id = slug(`${method} ${path}`);
  return entry(id, `${method} ${path}`, [el("span.verb", { textContent: method }), el("code", { textContent: path })], [
    summary && el("p", { textContent: summary }),
    security && el("p.quiet", { textContent: "A token says who asks; without one it is a guest." }),
    parameters.length && table("Parameters", ["Name", "In", "Type", "Given", "Meaning"], parameters.map(parameterRow)),
    requestBody && el("div", {}, el("h4", { textContent: "Takes" }), bodyType(requestBody), ...examplesOf(requestBody)),
    table("Answers", ["Status", "When", "Body", "Headers"], answers(responses)),
    ...Object.values(responses).slice(0, 1).flatMap(examplesOf),
  ]);
}

function parameterRow({ name, in: place, schema, required, description = "" }) {
  return [el("code", { textContent: name }), place, typeOf(schema ?? {}), required ? "always" : "optional", prose([description, limits(schema ?? {})].join(" "))];
}

function answers(responses) {
  return Object.entries(responses).map(([status, response]) => [
    el("code", { textContent: status }),
    el("span", {}, prose(response.description ?? "")),
    bodyType(response),
    Object.keys(response.headers ?? {}).flatMap((name, index) => [index ? " " : "", el("code", { textContent: name })]),
  ]);
}

function bodyType({ content = {} }) {
  return el("span", {}, Object.entries(content).map(([media, { schema }]) => [schema && typeOf(schema), el("span.quiet", { textContent: ` ${media}` })]).flat());
}

function examplesOf({ content = {} }) {
  return Object.values(content).filter((body) => "example" in body).map((body) => example(body.example));
}

/** Something as it looks on the line, folded away. */
function example(value) {
  return el("details", {}, el("summary", { textContent: "Example" }), el("pre", { textContent: JSON.stringify(value, null, 2) }));
}

/** How the socket is opened, refused and closed. */
function connection(socket) {
  const { chat } = socket.channels;
  const { query, headers } = chat.bindings.ws;
  const given = ({ properties }, place) => Object.entries(properties).map(([name, schema]) => parameterRow({ name, in: place, schema, description: schema.description }));
  const closings = Object.entries(chat["x-close-codes"]).map(([code, why]) => [el("code", { textContent: code }), prose(why)]);
  const opened = entry("socket", `GET ${chat.address}`, [el("span.verb", { textContent: "GET" }), el("code", { textContent: chat.address })], [
    el("p", {}, prose(chat.summary)),
    table("Parameters", ["Name", "In", "Type", "Given", "Meaning"], [...given(query, "query"), ...given(headers, "header")]),
    table("Refused with", ["Status", "When", "Body", "Headers"], answers(chat["x-refusals"])),
    table("Closed with", ["Code", "Because of"], closings),
  ]);
  return { title: "The socket", about: socket.info.description, entries: [opened] };
}

function frames(socket) {
  return Object.values(socket.operations).map(({ action, messages }) => {
    const [title, about] = DIRECTIONS[action] ?? [action, ""];
    const entries = messages.map(({ $ref }) => frame(lastOf($ref), socket));
    return { title, about, entries };
  });
}

function frame(key, socket) {
  const { name, summary, payload, examples = [] } = socket.components.messages[key];
  const schema = socket.components.schemas[lastOf(payload.$ref)];
  return entry(`frame-${key}`, name, [el("code", { textContent: name }), el("span.quiet", { textContent: key })], [
    el("p", {}, prose(schema.description || summary || "")),
    fields(schema),
    ...examples.map(({ payload: said }) => example(said)),
  ]);
}

function types(rest, socket) {
  const shown = new Set(Object.values(socket.components.messages).map(({ payload }) => lastOf(payload.$ref)));
  const all = { ...socket.components.schemas, ...rest.components.schemas };
  const entries = Object.keys(all)
    .filter((name) => !shown.has(name))
    .sort()
    .map((name) => entry(`type-${name}`, name, [el("code", { textContent: name })], [all[name].description && el("p", {}, prose(all[name].description)), fields(all[name])]));
  return { title: "Types", about: "What frames and bodies are made of.", entries };
}

function entry(id, name, heading, parts) {
  return { id, name, node: el("article", { id }, el("h3", {}, heading), parts.filter(Boolean)) };
}

// ---- schemas

function fields({ properties = {}, required = [], enum: values }) {
  if (values) return el("p", {}, "One of ", values.map((value) => el("code", { textContent: `${JSON.stringify(value)} ` })));
  const rows = Object.entries(properties).map(([name, schema]) => [
    el("code", { textContent: name }),
    typeOf(schema),
    required.includes(name) ? "always" : usual(schema),
    prose([schema.description, limits(schema)].filter(Boolean).join(" ")),
  ]);
  const explained = rows.some((row) => row[3].some(Boolean));
  const heads = ["Field", "Type", "Given", ...(explained ? ["Meaning"] : [])];
  return rows.length ? table("", heads, rows.map((row) => row.slice(0, heads.length))) : el("p.quiet", { textContent: "No fields." });
}

function usual({ default: value }) {
  const plain = value === undefined || value === null || (typeof value === "object" && !Object.keys(value).length);
  return plain || value === "" ? "optional" : `default ${JSON.stringify(value)}`;
}

const LIMITS = [
  ["minLength", (n) => `At least ${n} characters.`],
  ["maxLength", (n) => `At most ${n} characters.`],
  ["maxItems", (n) => `At most ${n} items.`],
  ["minimum", (n) => `At least ${n}.`],
  ["maximum", (n) => `At most ${n}.`],
  ["pattern", (text) => `Matches ${text}`],
];

function limits(schema) {
  const parts = [schema, ...(schema.anyOf ?? [])];
  return LIMITS.flatMap(([key, words]) => parts.filter((part) => key in part).map((part) => words(part[key]))).join(" ");
}

/** A schema as one line of code, with links to the types it names. */
function typeOf(schema) {
  return el("code", {}, typeParts(schema));
}

function typeParts(schema) {
  if (schema.$ref) return [typeLink(lastOf(schema.$ref))];
  if (schema.anyOf) return schema.anyOf.flatMap((part, index) => [...(index ? [" | "] : []), ...typeParts(part)]);
  if ("const" in schema) return [JSON.stringify(schema.const)];
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" | ")];
  if (schema.type === "array") return [...typeParts(schema.items ?? {}), "[]"];
  if (schema.type === "object" && schema.additionalProperties) return ["{string: ", ...typeParts(schema.additionalProperties), "}"];
  return [schema.type ?? "any"];
}

function typeLink(name) {
  return el("a", { href: `#type-${name}`, textContent: name });
}

/** A description, in which ``this`` is code, and `this` as well. */
function prose(text) {
  return text.split(/``?/).map((part, index) => (index % 2 ? el("code", { textContent: part }) : part));
}

function table(title, heads, rows) {
  const made = el("table", {}, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col", textContent: head })))), el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", {}, cell))))));
  return el("div", {}, title && el("h4", { textContent: title }), el("div.scroll", {}, made));
}

function lastOf(reference) {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

function slug(text) {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

await show();

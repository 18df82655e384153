// The API page: the operations of /schema/openapi.json, without anything from elsewhere.

import { element, fetchJson } from "./shop.js";

const box = document.getElementById("docs");

function parameters(operation) {
  const names = (operation.parameters ?? []).map((one) => `${one.name}${one.required ? "" : "?"} (${one.in})`);
  return names.length ? element("p", { class: "quiet" }, names.join(", ")) : null;
}

function operation(method, path, one, schemas) {
  const answer = one.responses?.["200"]?.content?.["application/json"]?.schema?.$ref?.split("/").pop();
  const shape = answer ? element("details", {}, element("summary", {}, answer), element("pre", {}, JSON.stringify(schemas[answer], null, 2))) : null;
  return element(
    "div",
    { class: "operation" },
    element("b", {}, method.toUpperCase()),
    element("code", {}, path),
    element("p", {}, one.description ?? one.summary ?? ""),
    parameters(one),
    shape,
  );
}

const document_ = await fetchJson("/schema/openapi.json");
for (const [path, methods] of Object.entries(document_.paths)) {
  for (const [method, one] of Object.entries(methods)) box.append(operation(method, path, one, document_.components.schemas));
}

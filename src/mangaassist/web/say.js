// What the widget says of itself, in the page's language. English stands in for what a language has no words for.

import en from "./en.js";

let spoken = en;

/** Speak a language from now on. `over` are the host page's own words, by the same names. */
export async function speak(code, over = {}) {
  const table = code === "en" ? en : (await import(`./${code}.js`)).default;
  spoken = { ...en, ...table, ...over };
}

/** The words of that name, with `{value}`s filled in. "" where there are none. */
export function say(name, values = {}) {
  const words = Object.hasOwn(spoken, name) ? spoken[name] : "";
  return words.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

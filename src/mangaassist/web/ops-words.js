// How the console words figures: short, with their units, the same everywhere.

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  if (value < 0.05) return "< 0.1 ms";
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}

export function percent(share, digits = 1) {
  return `${(share * 100).toFixed(digits)} %`;
}

/** US dollars; small ones with as many places as they need. */
export function dollars(value) {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "$0";
  const size = Math.abs(value);
  if (size < 0.00001) return "under $0.00001";
  const places = size >= 1 ? 2 : 1 - Math.floor(Math.log10(size));
  return `${value < 0 ? "−" : ""}$${size.toFixed(places)}`;
}

export function many(count) {
  return count.toLocaleString("en").replaceAll(",", " ");
}

/** The hour of a moment, as it is here. */
export function clock(moment) {
  return new Date(moment).toLocaleTimeString("en-GB");
}

/** The name of something in code, as people write it. */
export function plain(name) {
  return name.replaceAll("_", " ");
}

/** A span of time that is given in seconds. */
export function seconds(value) {
  if (value < 120) return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
  return value < 7200 ? `${Math.round(value / 60)} min` : `${(value / 3600).toFixed(1)} h`;
}

/** The day and the hour of a moment, as they are here. */
export function day(moment) {
  return new Date(moment).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

// What the console's tiles show of figures, each a section of its own: drawn anew from what the server told.

import { el } from "./dom.js";
import { bar, columns, spread } from "./ops-charts.js";
import { clock, dollars, many, milliseconds, percent, plain, seconds } from "./ops-words.js";

const STATES = { closed: "closed", half_open: "probing", open: "open" };

function tile(title, kind, ...parts) {
  return el(`section.tile.${kind}`, {}, el("h2", { textContent: title }), ...parts);
}

/** A figure with its unit, and what it is of. */
function figure(value, unit, of) {
  return el("p.figure", {}, el("b", { textContent: value }), el("span", { textContent: unit }), of ? el("small", { textContent: of }) : null);
}

function empty(words) {
  return el("p.quiet", { textContent: words });
}

/** A table of bars: name, picture, figures. */
function rows(label, lines) {
  return el("ul.rows", { "aria-label": label }, lines.map(({ name, picture, told, isOver }) =>
    el(isOver ? "li.over" : "li", {}, el("span.name", { textContent: name, title: name }), picture, el("span.told", { textContent: told }))));
}

export function alarmsOf({ alarms }) {
  if (!alarms.length) return [];
  return [el("h2", { textContent: "Look at this" }),
    el("ul", {}, alarms.map(({ name, detail }) => el("li", {}, el("b", { textContent: name }), el("span", { textContent: detail }))))];
}

export function turns({ per_second: perSecond, rate, degraded_rate: thin, bin_s: binS, answers, sockets }) {
  const minutes = (rate.length * binS) / 60;
  const words = `Turns of the last ${minutes} minutes, ${Math.max(...rate)} at most in ${binS} seconds; ${sum(thin)} of ${sum(rate)} did without a service`;
  return tile("Turns", "third",
    figure(perSecond.toFixed(perSecond < 10 ? 1 : 0), "a second", `${many(answers)} answered · ${many(sockets)} ${sockets === 1 ? "socket" : "sockets"} open`),
    columns(rate, words, { bad: thin }),
    el("p.scale", {}, el("span", { textContent: `${minutes} min ago` }), el("span", { textContent: "now" })));
}

export function firstToken({ first_token: told, first_token_budget_ms: limit, whole }) {
  if (told.p50 === null) return tile("First token", "third", empty("No answer yet."));
  const most = told.p99 > limit * 0.3 ? Math.max(limit, told.p99) * 1.05 : told.p99 * 1.25;
  const words = `half within ${milliseconds(told.p50)}, 95 % within ${milliseconds(told.p95)}, 99 % within ${milliseconds(told.p99)}; the limit is ${milliseconds(limit)}`;
  return tile("First token", "third",
    figure(milliseconds(told.p95), "p95", `the limit is ${milliseconds(limit)}`),
    spread({ ...told, most, limit, label: words }),
    el("dl.legend", {}, [["near", "p50", told.p50], ["mid", "p95", told.p95], ["far", "p99", told.p99]].map(([kind, name, value]) =>
      el("div", {}, el(`dt.${kind}`, { textContent: name }), el("dd", { textContent: milliseconds(value) })))),
    el("p.quiet", { textContent: `Whole answers: p50 ${milliseconds(whole.p50)}, p99 ${milliseconds(whole.p99)}` }));
}

export function corrections({ corrections: told }) {
  const most = Math.max(told.alarm_share * 2, ...told.stages.map(({ share }) => share * 1.1));
  const line = [{ at: told.alarm_share }];
  const drawn = (name, share, isOver) => ({
    name: plain(name), isOver, told: percent(share, 2),
    picture: bar({ value: share, most, lines: line, kind: isOver ? "bad" : "mark", label: `${plain(name)}: ${percent(share, 2)}` }),
  });
  return tile("Corrections", "third",
    figure(percent(told.share, 2), "of the answers", `${many(told.answers)} looked at`),
    rows("Corrections by stage of the review", told.stages.length
      ? told.stages.map(({ stage, share, is_alarming: isOver }) => drawn(stage, share, isOver))
      : [drawn("any stage", 0, false)]),
    el("p.quiet", { textContent: `The line is ${percent(told.alarm_share)}, above which a stage alarms.` }));
}

export function stages({ stages: told }) {
  const most = Math.max(1, ...told.map(({ p95 }) => p95 * 1.1));
  return tile("Stages of a turn", "half",
    told.length ? rows("Stages", told.map(({ name, p50, p95, allowance_ms: limit }) => ({
      name: plain(name), isOver: limit !== null && p95 > limit,
      picture: spread({ p50, p95, p99: p95, most, limit: limit ?? Infinity, label: `${plain(name)}: half within ${milliseconds(p50)}, 95 % within ${milliseconds(p95)}` }),
      told: limit === null ? milliseconds(p95) : `${milliseconds(p95)} of ${milliseconds(limit)}`,
    }))) : empty("No turn yet."),
    el("p.quiet", { textContent: "p50 dark, p95 light; beside it p95 and what the budget gives the stage." }));
}

export function asked({ intents, acts, of }) {
  const counted = (label, lines) => rows(label, lines.map(({ name, count }) => ({
    name: plain(name), told: percent(count / of, 0), picture: bar({ value: count, most: lines[0].count, label: `${plain(name)}: ${count}` }),
  })));
  return tile("What is asked", "half", of
    ? el("div.two", {}, el("div", {}, el("h3", { textContent: "Intents" }), counted("Intents", intents)),
      el("div", {}, el("h3", { textContent: "Acts" }), counted("Acts", acts)))
    : empty("Nothing yet."));
}

export function writers({ tiers, caches, of }) {
  return tile("Who answers", "third",
    of ? rows("Tiers", tiers.map(({ name, count, usd }) => ({
      name: plain(name), told: `${percent(count / of, 0)} · ${dollars(usd)}`, picture: bar({ value: count, most: of, label: `${plain(name)}: ${count} of ${of}` }),
    }))) : empty("Nobody yet."),
    el("h3", { textContent: "Caches" }),
    rows("Caches", caches.map(({ name, hits, misses }) => {
      const all = hits + misses;
      return { name: plain(name), told: all ? `${percent(hits / all, 0)} of ${many(all)}` : "not asked", picture: bar({ value: hits, most: all || 1, label: `${plain(name)}: ${hits} of ${all}` }) };
    })));
}

export function cost({ cost: told }) {
  const spent = told.models_usd;
  const most = Math.max(spent, told.all_large_usd ?? 0) || 1;
  const compared = told.all_large_usd === null
    ? empty("No model is installed: answers cost nothing, and there is nothing to save.")
    : rows("Cost of models", [
      { name: "as routed", told: dollars(spent), picture: bar({ value: spent, most, label: `as routed: ${dollars(spent)}` }) },
      { name: "all by the large model", told: dollars(told.all_large_usd), picture: bar({ value: told.all_large_usd, most, kind: "rest", label: `all by the large model: ${dollars(told.all_large_usd)}` }) },
    ]);
  return tile("Cost", "third",
    figure(dollars(told.per_conversation_usd), "a conversation", `${many(told.conversations)} begun · ${many(Math.round(told.connection_minutes))} connection minutes, ${dollars(told.connections_usd)}`),
    compared,
    told.saved_usd === null ? null : el("p.quiet", { textContent: `Routing saved ${dollars(told.saved_usd)}: by the large model alone a conversation would cost ${dollars(told.all_large_per_conversation_usd)}. What no model wrote is estimated.` }),
    ...provisioned(told.provisioned));
}

/** Throughput that is paid by the hour, against what its answers would cost by the token. */
function provisioned(told) {
  if (!told) return [];
  const { usd_per_hour: price, on_demand_usd_per_hour: otherwise, saved_usd_per_hour: saved } = told;
  const most = Math.max(price, otherwise) || 1;
  const drawn = (name, usd, kind) => ({ name, told: dollars(usd), picture: bar({ value: usd, most, kind, label: `${name}: ${dollars(usd)} an hour` }) });
  return [el("h3", { textContent: "Provisioned throughput, an hour" }),
    rows("Provisioned throughput", [drawn("provisioned", price, "mark"), drawn("on demand", otherwise, "rest")]),
    el("p.quiet", { textContent: saved < 0 ? `On demand would cost ${dollars(-saved)} an hour less.` : `It saves ${dollars(saved)} an hour.` })];
}

export function limits({ limits: told }) {
  return tile("Limits", "third",
    rows("Limits", told.map(({ name, share, limit }) => ({
      name: plain(name), isOver: share >= 0.9, told: percent(share, 0),
      picture: bar({ value: share, most: 1, lines: [{ at: 0.9 }], kind: share >= 0.9 ? "bad" : "mark", label: `${percent(share, 0)} of ${limit}` }),
    }))),
    el("p.quiet", { textContent: `The line is 90 %. ${told.map(({ limit }) => limit).join("; ")}.` }));
}

export function services({ services: told, processes: { length: processes } }) {
  const most = Math.max(1, ...told.map(({ calls }) => calls));
  return tile("Services", "whole", el("ul.services", {}, told.map(({ name, breaker, not_closed_in: count, calls, failed, cached, fallback }) =>
    el(`li.${breaker}`, {},
      el("span.name", { textContent: plain(name) }),
      el("span.breaker", { textContent: processes > 1 && count ? `${STATES[breaker]} in ${count} of ${processes}` : STATES[breaker] }),
      bar({ value: calls, most, kind: failed ? "bad" : "mark", label: `${calls} calls, ${failed} failed` }),
      el("small", { textContent: `${many(calls)} calls · ${many(failed)} failed · ${many(cached)} from the cache` }),
      breaker === "closed" ? null : el("small", { textContent: fallback })))));
}

/** Answers that are thinner because a service could not be asked. */
export function degraded({ degraded: told, of, rate, degraded_rate: thin }) {
  const lately = sum(rate);
  return tile("Answers that did without a service", "half",
    figure(lately ? percent(sum(thin) / lately) : "–", "of the last minutes", `${many(sum(thin))} of ${many(lately)} answers`),
    told.length ? rows("Services that answers did without", told.map(({ name, count }) => ({
      name: plain(name), told: `${many(count)} of ${many(of)}`, picture: bar({ value: count, most: told[0].count, kind: "bad", label: `${plain(name)}: ${count} of ${of}` }),
    }))) : empty("Every answer had what it asked for."));
}

/** Whose figures these are, and how old. */
export function processes({ processes: told, is_all: isAll }) {
  const most = Math.max(1, ...told.map(({ answers }) => answers));
  return tile("Processes", "half",
    rows("Processes", told.map(({ name, since, age_s: age, answers, sockets }, index) => ({
      name, picture: bar({ value: answers, most, label: `${many(answers)} answers since ${clock(since)}, ${many(sockets)} sockets open` }),
      told: `${many(answers)} answers · ${index ? `${seconds(age)} old` : "this one"}`,
    }))),
    el("p.quiet", { textContent: isAll ? "One that tells nothing for twelve seconds is no longer shown." : "Others could not be heard just now: these are not all." }));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

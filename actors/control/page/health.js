// What is watched, how it stands, since when, and where it is going.

import { KeyedList, at, draw, make, mark, put, show } from "./dom.js";
import { sparkline } from "./spark.js";
import { span, utc } from "./times.js";

const LEVELS = ["critical", "warning", "unknown", "ok"];
const WORDS = { ok: "well", warning: "warning", critical: "critical", unknown: "unknown" };
const NAMES = { "process.cpu": "processor", "process.files": "open files" };
const WIDTH = 72;
const HEIGHT = 18;

export class Health {
  constructor() {
    this.rows = new KeyedList(at("checks"), {
      key: (item) => `${item.check.grid} ${item.check.name}`,
      make: made,
      update,
    });
  }

  /** Show the checks of the process and of one grid, or of all; what is worst comes first. */
  show(picture, grid) {
    const health = picture.status?.health ?? null;
    const level = known(health?.level);
    put(at("health-chip"), health ? `Health: ${WORDS[level]}` : "");
    mark(at("health-chip"), "data-level", level);
    if (this.of !== (grid?.name ?? null)) this.rows.clear();
    this.of = grid?.name ?? null;
    const own = (health?.checks ?? []).filter((check) => !grid || check.grid === null || check.grid === grid.name);
    const order = (check) => LEVELS.indexOf(known(check.level));
    this.rows.show(
      [...own].sort((a, b) => order(a) - order(b)).map((check) => ({ check, now: picture.now, isAll: !grid })),
    );
    show(at("health-empty"), !own.length);
    put(at("health-empty"), health ? "Nothing is watched yet." : "Nothing is known of its health yet.");
  }
}

const known = (level) => (LEVELS.includes(level) ? level : "unknown");

/** Name a check in words: `order_stream` is the order stream. */
const named = (name) =>
  Object.hasOwn(NAMES, name)
    ? NAMES[name]
    : String(name)
        .replace(/^process\./, "")
        .replaceAll("_", " ");

function made() {
  const parts = {
    level: make("span", { class: "dot" }),
    name: make("span", { class: "check-name" }),
    text: make("span", { class: "note" }),
    since: make("span", { class: "note since" }),
  };
  const line = draw("path", { class: "spark" });
  const trend = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "trend", "aria-hidden": "true" }, line);
  const node = make(
    "li",
    {},
    parts.level,
    make("span", { class: "check" }, parts.name, parts.text),
    trend,
    parts.since,
  );
  return { node, parts, line };
}

function update({ node, parts, line }, { check, now, isAll }) {
  const level = known(check.level);
  mark(node, "data-level", level);
  put(parts.level, WORDS[level]);
  put(parts.name, isAll && check.grid ? `${named(check.name)} · ${check.grid}` : named(check.name));
  put(parts.text, check.text ?? "");
  put(parts.since, level === "ok" || !check.since ? "" : `for ${span(now - check.since)}`);
  mark(parts.since, "title", check.since ? `since ${utc(check.since)}` : null);
  mark(line, "d", sparkline((check.trend ?? []).map(Number), WIDTH, HEIGHT));
}

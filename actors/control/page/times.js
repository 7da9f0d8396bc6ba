// Times arrive as epoch milliseconds UTC; they are shown in the reader's own zone, with UTC in the title.

const UNITS = [
  [86_400, "d", 3_600, "h"],
  [3_600, "h", 60, "min"],
  [60, "min", 1, "s"],
];
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const SHORT_CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const OLD_DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** Write a length of time in its two largest units: `2 h 13 min`. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  for (const [size, name, smaller, itsName] of UNITS) {
    if (seconds < size) continue;
    const rest = Math.floor((seconds % size) / smaller);
    return rest ? `${Math.floor(seconds / size)} ${name} ${rest} ${itsName}` : `${Math.floor(seconds / size)} ${name}`;
  }
  return `${seconds} s`;
}

/** Write a time of day, before it the date when that is not today's. */
export function clock(time, now) {
  const [then, today] = [new Date(time), new Date(now)];
  if (then.toDateString() === today.toDateString()) return CLOCK.format(then);
  return `${(then.getFullYear() === today.getFullYear() ? DATE : OLD_DATE).format(then)}, ${SHORT_CLOCK.format(then)}`;
}

/** Write hours and minutes, seconds too where it is fine, or the date at midnight, for an axis. */
export function tick(time, isFine = false) {
  const then = new Date(time);
  if (isFine) return CLOCK.format(then);
  return then.getHours() || then.getMinutes() ? SHORT_CLOCK.format(then) : DATE.format(then);
}

/** Write hours and minutes, before them the date when that is not today's. */
export function until(time, now) {
  const then = new Date(time);
  const text = SHORT_CLOCK.format(then);
  return then.toDateString() === new Date(now).toDateString() ? text : `${DATE.format(then)}, ${text}`;
}

/** Write UTC in full, `2026-11-22 13:05:09 UTC`; empty for what is no time. */
export function utc(time) {
  const then = new Date(time);
  return Number.isNaN(then.getTime()) ? "" : `${then.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Write a UTC day, `2026-11-22`, the way people read it. */
export function day(text, now) {
  const then = new Date(`${text}T00:00:00Z`);
  if (Number.isNaN(then.getTime())) return String(text);
  const options = { day: "numeric", month: "short", timeZone: "UTC" };
  if (then.getUTCFullYear() !== new Date(now).getUTCFullYear()) options.year = "numeric";
  return new Intl.DateTimeFormat("en-GB", options).format(then);
}

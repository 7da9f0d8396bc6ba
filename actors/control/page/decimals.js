// Decimals arrive as strings and are written as strings; no float ever stands between.

const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const MOST_PLACES = 100;

/** Take a text apart into whole units and how many places they have; null for what is no number. */
function parsed(text) {
  const match = SHAPE.exec(String(text).trim());
  if (!match || !(match[2] || match[3])) return null;
  const fraction = match[3] ?? "";
  const places = fraction.length - Number(match[4] ?? 0);
  if (Math.abs(places) > MOST_PLACES) return null;
  let units = BigInt(match[2] + fraction);
  if (places < 0) units *= 10n ** BigInt(-places);
  return { units: match[1] === "-" ? -units : units, places: Math.max(places, 0) };
}

/** Give 1, 0 or -1; 0 for what is no number. */
export function sign(text) {
  const units = parsed(text)?.units ?? 0n;
  return units > 0n ? 1 : units < 0n ? -1 : 0;
}

/** Add two decimals exactly. */
export function added(one, other) {
  const [a, b] = [parsed(one), parsed(other)];
  if (!a || !b) return one;
  const places = Math.max(a.places, b.places);
  return spelled(scaled(a, places) + scaled(b, places), places);
}

/** Subtract the other from the one exactly. */
export function less(one, other) {
  const text = String(other).trim();
  return added(one, text.startsWith("-") ? text.slice(1) : `-${text.replace(/^\+/, "")}`);
}

/** Write with so many places, rounded half-even, thousands apart: `10,234.50`. */
export function fixed(text, places) {
  const number = parsed(text);
  if (!number) return text === null || text === undefined ? "–" : String(text);
  return grouped(spelled(rounded(number, places), places));
}

/** Write a gain with a plus and a loss with a minus; what rounds to nothing has neither. */
export function signed(text, places) {
  const number = parsed(text);
  const shown = fixed(text, places);
  return number && rounded(number, places) > 0n ? `+${shown}` : shown;
}

/** Write every digit there is, thousands apart, without trailing zeros. */
export function exact(text) {
  const number = parsed(text);
  if (!number) return fixed(text, 0);
  const whole = spelled(number.units, number.places);
  return grouped(whole.includes(".") ? whole.replace(/\.?0+$/, "") : whole);
}

/** Write two places, or for a small amount three digits: `0.00`, `1,234.50`, `0.00123`. */
export function brief(text) {
  const number = parsed(text);
  if (!number || number.units === 0n) return fixed(text, 2);
  const digits = String(number.units < 0n ? -number.units : number.units).length;
  const size = digits - 1 - number.places; // of the first digit, as a power of ten
  return size < -1 ? exact(fixedPlain(number, 2 - size)) : fixed(text, 2);
}

function fixedPlain(number, places) {
  return spelled(rounded(number, places), places);
}

function scaled({ units, places }, wanted) {
  return units * 10n ** BigInt(wanted - places);
}

function rounded(number, places) {
  if (number.places <= places) return scaled(number, places);
  const step = 10n ** BigInt(number.places - places);
  const size = number.units < 0n ? -number.units : number.units;
  const [whole, rest] = [size / step, size % step];
  const up = rest * 2n > step || (rest * 2n === step && whole % 2n === 1n);
  const result = up ? whole + 1n : whole;
  return number.units < 0n ? -result : result;
}

function spelled(units, places) {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const text = places ? `${whole}.${digits.slice(-places)}` : whole;
  return units < 0n ? `-${text}` : text;
}

function grouped(text) {
  const [whole, fraction] = text.replace("-", "").split(".");
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${text.startsWith("-") ? "−" : ""}${apart}${fraction === undefined ? "" : `.${fraction}`}`;
}

// Where things stand in a chart. Floats are fine here: they only ever choose a pixel.

const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000,
];
const FINER_THAN_BARS = 4.5; // px that a bar needs to be seen as one

/** Map a span of values to a span of pixels. */
export function scale([low, high], [from, to]) {
  const width = high - low || 1;
  return (value) => from + ((value - low) / width) * (to - from);
}

/** Give round prices between two, about so many. */
export function roundPrices(low, high, about) {
  const rough = (high - low) / Math.max(about, 1);
  if (!(rough > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((size) => size * power >= rough) * power;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/** Give round moments between two in the reader's zone, at most so many; all in ms. */
export function roundTimes(from, to, most) {
  const step = (STEPS.find((seconds) => (to - from) / (seconds * 1000) <= most) ?? STEPS.at(-1)) * 1000;
  const zone = new Date(to).getTimezoneOffset() * 60_000;
  const first = Math.ceil((from - zone) / step) * step + zone;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, i) => first + i * step);
}

/** Put candles together, as many into one as it takes for a bar to be seen in this width. */
export function bars(candles, timeframe, width) {
  const size = timeframe * Math.max(1, Math.ceil((candles.length * FINER_THAN_BARS) / Math.max(width, 1)));
  const made = [];
  for (const [time, ...texts] of candles) {
    const [open, high, low, close] = texts.map(Number);
    const start = Math.floor(time / size) * size;
    const last = made.at(-1);
    if (last?.time === start)
      Object.assign(last, { high: Math.max(last.high, high), low: Math.min(last.low, low), close });
    else made.push({ time: start, open, high, low, close });
  }
  return { bars: made, size };
}

/** Choose the prices in sight: the whole ladder, or where the price has been with the orders next to `now`. */
export function domain({ seen, orders, ends }, now, isWhole) {
  const next = [
    orders.filter((price) => price <= now).reduce(most, -Infinity),
    orders.filter((price) => price > now).reduce(least, Infinity),
  ];
  const all = [...seen, ...(isWhole || !seen.length ? [...orders, ...ends] : next)].filter(Number.isFinite);
  if (!all.length) return [0, 1];
  const [low, high] = [all.reduce(least), all.reduce(most)];
  const air = (high - low) * 0.05 || Math.abs(high) * 0.01 || 1;
  return [low - air, high + air];
}

const least = (a, b) => Math.min(a, b);
const most = (a, b) => Math.max(a, b);

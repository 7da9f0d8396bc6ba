// What is known of all grids, as it was last told, and which of them is looked at.

const MOST_CANDLES = 600;

export class Picture {
  constructor() {
    Object.assign(this, { status: null, parts: {}, candles: new Map(), ahead: 0 });
  }

  /** Take in one part; candles are added to those that are known already. */
  take(part, json) {
    if (part === "status") {
      this.status = json;
      this.ahead = json.time - Date.now();
    } else if (part === "candles") {
      for (const one of json.grids) this.candles.set(one.name, merged(this.candles.get(one.name), one));
    } else {
      this.parts[part] = new Map(json.grids.map((one) => [one.name, one]));
    }
  }

  /** Give the time of now by the program's clock, epoch ms. */
  get now() {
    return Date.now() + this.ahead;
  }

  get grids() {
    return this.status?.grids ?? [];
  }

  /** Give what a part says of a grid; null where nothing is known. */
  of(part, name) {
    return (part === "candles" ? this.candles : this.parts[part])?.get(name) ?? null;
  }
}

function merged(known, fresh) {
  if (!known || known.timeframe_ms !== fresh.timeframe_ms) return fresh;
  const newest = fresh.candles.at(-1);
  const last = known.candles.at(-1);
  if (!newest || (last && String(last) === String(newest) && fresh.candles.length <= known.candles.length))
    return known;
  const byTime = new Map([...known.candles, ...fresh.candles].map((candle) => [candle[0], candle]));
  const candles = [...byTime.values()].sort((a, b) => a[0] - b[0]).slice(-MOST_CANDLES);
  return { ...known, candles };
}

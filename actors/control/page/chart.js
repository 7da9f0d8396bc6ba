// The price with the ladder's orders as lines and the fills as marks: a few SVG paths that change.

import { exact } from "./decimals.js";
import { KeyedList, at, draw, mark, put, show } from "./dom.js";
import { bars, domain, roundPrices, roundTimes, scale } from "./scales.js";
import { clock, tick } from "./times.js";
import { count, price } from "./words.js";

const BOTTOM = 22; // px for the times
const TOP = 10;
const TAG = 16; // px that a tag is high
const WIDEST = 18; // px of a bar
const FAR = 3; // a ladder so many times wider than where the price has been would flatten the price

export class Chart {
  constructor() {
    const path = (look) => draw("path", { class: look });
    this.host = at("chart");
    this.paths = {
      grid: path("grid"),
      buys: path("orders buys"),
      sells: path("orders sells"),
      rise: path("rise"),
      fall: path("fall"),
      bought: path("fills bought"),
      sold: path("fills sold"),
      price: path("price-line"),
      cross: path("cross"),
    };
    this.range = draw("rect", { class: "range", x: 0 });
    const labels = draw("g", { class: "labels" });
    const tags = draw("g", { class: "tags" });
    this.svg = draw("svg", { role: "img" }, this.range, ...Object.values(this.paths), labels, tags);
    this.host.append(this.svg);
    const text = { key: (item) => item.key, make: () => ({ node: draw("text") }), update: place };
    this.labels = new KeyedList(labels, text);
    this.tags = new KeyedList(tags, { key: (item) => item.key, make: tag, update: placeTag });
    new ResizeObserver(() => this.redraw()).observe(this.host);
    for (const choice of document.querySelectorAll("[name=sight]"))
      choice.addEventListener("change", () => this.redraw());
    this.host.addEventListener("pointermove", (event) => this.point(event));
    this.host.addEventListener("pointerleave", () => this.point(null));
  }

  /** Show a grid: its candles, its open orders, its fills. */
  show(picture, grid) {
    const [candles, orders, trades] = ["candles", "orders", "trades"].map((part) => picture.of(part, grid.name));
    Object.assign(this, {
      grid,
      now: picture.now,
      candles: candles?.candles ?? [],
      timeframe: candles?.timeframe_ms ?? 60_000,
    });
    this.price = Number(grid.price ?? NaN);
    this.limits = placed(orders?.orders ?? []).filter((order) => order.kind !== "market");
    this.trades = placed(trades?.trades ?? []);
    this.redraw();
  }

  redraw() {
    if (!this.grid) return;
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!width || !height) return;
    const { grid } = this;
    const gutter = Math.min(14 + 7 * Math.max(price(grid.top, grid).length, price(grid.price, grid).length), width / 3);
    const inner = width - gutter;
    const { bars: shown, size } = bars(this.candles, this.timeframe, inner);
    const seen = [...shown.flatMap(({ low, high }) => [low, high]), ...(this.hasPrice ? [this.price] : [])];
    const prices = { seen, orders: this.limits.map(({ at }) => at), ends: [Number(grid.bottom), Number(grid.top)] };
    const first = shown[0]?.time ?? this.now - 300 * this.timeframe;
    const last = (shown.at(-1)?.time ?? this.now) + size; // a new grid's few candles have the width to themselves
    const x = scale([first, last], [0, inner - 6]);
    const [low, high] = domain(prices, this.price, this.isWhole(prices));
    const y = scale([low, high], [height - BOTTOM, TOP]);
    Object.assign(this, { shown, size, x, y, inner, height });
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }))
      mark(this.svg, name, value);
    this.drawLadder(low, high);
    this.drawPrice(shown);
    this.drawFills(first, last);
    this.drawAxes(first, last, low, high);
    this.tell();
  }

  get hasPrice() {
    return Number.isFinite(this.price);
  }

  /** Say whether the whole ladder is in sight: as chosen, or if the price waits for it or can be seen beside it. */
  isWhole({ seen, ends: [bottom, top] }) {
    const chosen = document.querySelector("[name=sight]:checked")?.value;
    if (chosen !== "auto") return chosen === "ladder";
    const [low, high] = [
      seen.reduce((a, b) => Math.min(a, b), Infinity),
      seen.reduce((a, b) => Math.max(a, b), -Infinity),
    ];
    return this.grid.standing === "waiting" || seen.length < 2 || top - bottom <= FAR * (high - low);
  }

  drawLadder(low, high) {
    const { inner, y, grid, height } = this;
    const inSight = this.limits.filter(({ at }) => at >= low && at <= high);
    const lines = (side) =>
      inSight
        .filter((order) => order.side === side)
        .map((order) => `M0 ${crisp(y(order.at))}H${inner}`)
        .join("");
    mark(this.paths.buys, "d", lines("buy"));
    mark(this.paths.sells, "d", lines("sell"));
    const crowd = inSight.length / Math.max((height - BOTTOM - TOP) / 8, 1); // lines a row of 8 px
    mark(this.svg, "data-crowded", crowd > 1 ? "yes" : null);
    const [top, bottom] = [Math.max(y(Number(grid.top)), TOP), Math.min(y(Number(grid.bottom)), height - BOTTOM)];
    for (const [name, value] of Object.entries({
      y: top.toFixed(1),
      width: inner,
      height: Math.max(bottom - top, 0).toFixed(1),
    }))
      mark(this.range, name, value);
  }

  drawPrice(shown) {
    const { x, y, size, inner } = this;
    const wide = Math.max(1, Math.min(WIDEST, Math.floor((x(size) - x(0)) * 0.7)));
    const bar = ({ time, open, high, low, close }) => {
      const middle = crisp(x(time + size / 2));
      const [left, right] = [middle - wide / 2, middle + wide / 2].map((value) => value.toFixed(1));
      const [above, below] = [y(Math.max(open, close)), y(Math.min(open, close))];
      return `M${middle} ${y(high).toFixed(1)}V${above.toFixed(1)}M${middle} ${below.toFixed(1)}V${y(low).toFixed(1)}M${left} ${above.toFixed(1)}H${right}V${Math.max(below, above + 0.8).toFixed(1)}H${left}Z`;
    };
    mark(
      this.paths.rise,
      "d",
      shown
        .filter((one) => one.close >= one.open)
        .map(bar)
        .join(""),
    );
    mark(
      this.paths.fall,
      "d",
      shown
        .filter((one) => one.close < one.open)
        .map(bar)
        .join(""),
    );
    mark(this.paths.price, "d", this.hasPrice ? `M0 ${crisp(y(this.price))}H${inner}` : "");
  }

  drawFills(first, last) {
    const { x, y } = this;
    const inSight = this.trades.filter((trade) => trade.time >= first && trade.time <= last);
    const marks = (side, shape) =>
      inSight
        .filter((trade) => trade.side === side)
        .map((trade) => shape(x(trade.time), y(trade.at)))
        .join("");
    mark(
      this.paths.bought,
      "d",
      marks("buy", (cx, cy) => `M${cx.toFixed(1)} ${(cy - 1).toFixed(1)}l5 9h-10z`),
    );
    mark(
      this.paths.sold,
      "d",
      marks("sell", (cx, cy) => `M${cx.toFixed(1)} ${(cy + 1).toFixed(1)}l5 -9h-10z`),
    );
  }

  drawAxes(first, last, low, high) {
    const { x, y, inner, height, grid } = this;
    const tags = this.tagged(low, high);
    const prices = roundPrices(low, high, height / 56);
    const times = roundTimes(first, last, Math.max(2, Math.floor(inner / 80)));
    const isFine = times[1] - times[0] < 60_000;
    mark(this.paths.grid, "d", prices.map((value) => `M0 ${crisp(y(value))}H${inner}`).join(""));
    const free = prices.filter((value) => tags.every((one) => Math.abs(one.at - y(value)) > TAG - 2));
    this.labels.show([
      ...free.map((value) => ({
        key: `price ${value}`,
        x: inner + 8,
        y: y(value) + 4,
        text: price(value.toFixed(8), grid),
        anchor: "start",
      })),
      ...times
        .filter((time) => x(time) > 20 && x(time) < inner - 20)
        .map((time) => ({ key: `time ${time}`, x: x(time), y: height - 6, text: tick(time, isFine), anchor: "middle" })),
    ]);
    this.tags.show(tags);
  }

  /** Give the tags at the edge, pushed apart: the price of now, and the nearest order of each side. */
  tagged(low, high) {
    const { grid, limits, y, inner } = this;
    const prices = (side) => limits.filter((order) => order.side === side).map(({ at }) => at);
    const found = [
      { key: "sell", value: Math.min(...prices("sell")) },
      { key: "now", value: this.price },
      { key: "buy", value: Math.max(...prices("buy")) },
    ]
      .filter(({ value }) => value >= low && value <= high)
      .map((one) => ({
        ...one,
        at: y(one.value),
        x: inner,
        width: this.host.clientWidth - inner - 1,
        text: price(String(one.value), grid),
      }));
    const now = found.find(({ key }) => key === "now");
    for (const one of found) {
      if (!now || one === now) continue;
      one.at = one.key === "sell" ? Math.min(one.at, now.at - TAG) : Math.max(one.at, now.at + TAG);
    }
    return found;
  }

  /** Tell the same in words, for who does not see it. */
  tell() {
    const { grid, limits } = this;
    const side = (name) => count(limits.filter((order) => order.side === name).length, `${name} order`);
    const now = !this.hasPrice ? "no price yet" : `price ${price(grid.price, grid)} ${grid.quote}`;
    mark(
      this.svg,
      "aria-label",
      `Chart: ${now}, ${side("buy")} below, ${side("sell")} above, ${count(this.trades.length, "fill")} lately`,
    );
    show(at("chart-empty"), !this.shown.length);
    put(at("chart-empty"), "No candles yet.");
  }

  /** Read the chart off where somebody points. */
  point(event) {
    const box = this.host.getBoundingClientRect();
    const place = event ? event.clientX - box.left : -1;
    const bar =
      place >= 0 && place <= this.inner
        ? this.shown?.reduce(
            (best, one) => (away(one, place, this) < away(best, place, this) ? one : best),
            this.shown[0],
          )
        : null;
    mark(
      this.paths.cross,
      "d",
      bar ? `M${crisp(this.x(bar.time + this.size / 2))} ${TOP}V${this.height - BOTTOM}` : "",
    );
    if (!bar) return put(at("readout"), "");
    const told = (value) => price(value.toFixed(8), this.grid);
    const fills = this.trades.filter((trade) => trade.time >= bar.time && trade.time < bar.time + this.size);
    const deals = fills
      .slice(0, 2)
      .map((one) => `${one.side === "buy" ? "bought" : "sold"} ${exact(one.quantity)} at ${exact(one.price)}`);
    const more = fills.length > 2 ? [`and ${fills.length - 2} more`] : [];
    put(
      at("readout"),
      [
        `${clock(bar.time, this.now)}  O ${told(bar.open)}  H ${told(bar.high)}  L ${told(bar.low)}  C ${told(bar.close)}`,
        ...deals,
        ...more,
      ].join(" · "),
    );
  }
}

const placed = (items) =>
  items.map((item) => ({ ...item, at: Number(item.price) })).filter(({ at }) => Number.isFinite(at));
const crisp = (value) => Math.round(value) + 0.5;
const away = (bar, place, { x, size }) => Math.abs(x(bar.time + size / 2) - place);

function place({ node }, item) {
  mark(node, "x", item.x.toFixed(1));
  mark(node, "y", item.y.toFixed(1));
  mark(node, "text-anchor", item.anchor);
  put(node, item.text);
}

function tag(item) {
  const [box, text] = [draw("rect", { height: TAG, rx: 3 }), draw("text")];
  return { node: draw("g", { class: `tag ${item.key}` }, box, text), box, text };
}

function placeTag({ box, text }, item) {
  mark(box, "x", item.x);
  mark(box, "y", (item.at - TAG / 2).toFixed(1));
  mark(box, "width", item.width);
  mark(text, "x", item.x + 8);
  mark(text, "y", (item.at + 4).toFixed(1));
  put(text, item.text);
}

// All grids side by side, each with its price, its standing and what it earned.

import { added, fixed, sign, signed } from "./decimals.js";
import { KeyedList, at, draw, make, mark, put, show } from "./dom.js";
import { sparkline } from "./spark.js";
import { putGain } from "./tables.js";
import { mode, price, range, standing } from "./words.js";

const WIDTH = 120;
const HEIGHT = 32;

export class Overview {
  /** Tell `choose(name)` which grid somebody wants to see. */
  constructor(choose) {
    this.cards = new KeyedList(at("cards"), {
      key: (item) => item.grid.name,
      make: ({ grid }) => card(grid.name, choose),
      update: fill,
    });
  }

  /** Show every grid, and what they earned in each currency. */
  show(picture) {
    const { now } = picture;
    this.cards.show(
      picture.grids.map((grid) => ({ grid, now, candles: picture.of("candles", grid.name)?.candles ?? [] })),
    );
    put(at("totals"), totals(picture.grids));
  }
}

/** Add up grid profit by currency: `Grid profit +12.30 USDT, unrealised −4.00 USDT`. */
function totals(grids) {
  const sums = new Map();
  for (const { quote, grid_profit: profit, unrealized_profit: open, money_places: places } of grids) {
    const sum = sums.get(quote) ?? { profit: "0", open: "0", places: 2 };
    sums.set(quote, {
      profit: added(sum.profit, profit),
      open: added(sum.open, open),
      places: Math.max(sum.places, places),
    });
  }
  return [...sums]
    .map(
      ([quote, { profit, open, places }]) =>
        `Grid profit ${signed(profit, places)} ${quote}, unrealised ${signed(open, places)} ${quote}`,
    )
    .join(" · ");
}

function card(name, choose) {
  const part = (look) => make("span", { class: look });
  const parts = {
    name: part("card-name"),
    mode: part("badge"),
    standing: part("pill"),
    price: part("card-price"),
    change: part("change"),
    since: make("span", { class: "label" }, "since the start"),
    sentence: part("note"),
    profit: part("figure"),
    open: part("figure"),
    value: part("figure"),
    orders: part("figure"),
    range: part("note"),
  };
  const line = draw("path", { class: "spark" });
  const spark = draw(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "spark-box", "aria-hidden": "true", preserveAspectRatio: "none" },
    line,
  );
  const figure = (label, value) => make("span", { class: "pair-of" }, make("span", { class: "label" }, label), value);
  const node = make(
    "button",
    { type: "button", class: "grid-card" },
    make("span", { class: "card-top" }, parts.name, parts.mode, parts.standing),
    make("span", { class: "card-middle" }, make("span", { class: "card-now" }, parts.price, make("span", { class: "change-since" }, parts.change, parts.since)), spark),
    make(
      "span",
      { class: "card-figures" },
      figure("Grid profit", parts.profit),
      figure("Unrealised", parts.open),
      figure("Value", parts.value),
      figure("Buys / sells", parts.orders),
    ),
    parts.range,
    parts.sentence,
  );
  node.addEventListener("click", () => choose(name));
  return { node, parts, line };
}

function fill({ node, parts, line }, { grid, now, candles }) {
  const { money_places: places } = grid;
  put(parts.name, grid.name);
  put(parts.mode, mode(grid.mode));
  mark(parts.mode, "data-mode", grid.mode);
  put(parts.standing, grid.standing);
  mark(parts.standing, "data-standing", grid.standing);
  put(parts.price, price(grid.price, grid));
  putGain(parts.change, grid.price === null ? "" : `${signed(grid.change_percent, 2)} %`, sign(grid.change_percent));
  show(parts.since, grid.price !== null);
  putGain(parts.profit, signed(grid.grid_profit, places), sign(grid.grid_profit));
  putGain(parts.open, signed(grid.unrealized_profit, places), sign(grid.unrealized_profit));
  put(parts.value, fixed(grid.value, places));
  put(parts.orders, `${grid.open_buys} / ${grid.open_sells}`);
  put(parts.range, `range ${range(grid)} ${grid.quote}`);
  put(parts.sentence, grid.feed_trouble ? `No fresh prices: ${grid.feed_trouble}` : standing(grid, now));
  mark(node, "data-stale", grid.feed_trouble ? "yes" : null);
  mark(
    line,
    "d",
    sparkline(
      candles.slice(-WIDTH).map((candle) => Number(candle[4])),
      WIDTH,
      HEIGHT,
    ),
  );
}

// The grid at a glance: its price, where it stands, and its figures.

import { fixed, less, sign, signed } from "./decimals.js";
import { at, mark, put, show } from "./dom.js";
import { putGain } from "./tables.js";
import { count, mode, otherFees, price, standing } from "./words.js";

/** Show the head of the grid that is looked at. */
export function showSummary(picture, grid) {
  const pair = `${grid.base}/${grid.quote}`;
  put(at("pair"), pair);
  put(at("name"), grid.name === pair ? "" : grid.name);
  put(at("mode"), mode(grid.mode));
  mark(at("mode"), "data-mode", grid.mode);
  put(at("standing"), grid.standing);
  mark(at("standing"), "data-standing", grid.standing);
  put(at("sentence"), standing(grid, picture.now));
  showPrice(picture, grid);
  showFigures(grid);
}

function showPrice(picture, grid) {
  put(at("price"), price(grid.price, grid));
  put(at("price-unit"), grid.quote);
  putGain(at("change"), grid.price === null ? "" : `${signed(grid.change_percent, 2)} %`, sign(grid.change_percent));
  show(at("since"), grid.price !== null);
  mark(at("price-line"), "data-stale", grid.feed_trouble ? "yes" : null);
  show(at("trouble"), Boolean(grid.feed_trouble));
  put(at("trouble"), grid.feed_trouble ? `No fresh prices: ${grid.feed_trouble}` : "");
  const orders = picture.of("orders", grid.name)?.orders ?? [];
  for (const side of ["buy", "sell"]) {
    const text = nearest(orders, side, grid);
    put(at(`next-${side}`), text ?? (orders.length ? `no ${side} order` : ""));
    mark(at(`next-${side}`), "data-side", text && side);
  }
}

function showFigures(grid) {
  const money = (id, text) => putGain(at(id), signed(text, grid.money_places), sign(text));
  money("grid-profit", grid.grid_profit);
  money("unrealized", grid.unrealized_profit);
  put(at("value"), fixed(grid.value, grid.money_places));
  put(at("fees"), fixed(grid.total_fees, grid.money_places));
  put(at("other-fees"), otherFees(grid) ? `and ${otherFees(grid)}` : "paid to the exchange");
  put(at("cycles"), grid.cycles);
  put(at("trades-count"), count(grid.trades, "fill"));
  put(at("open"), grid.open_buys + grid.open_sells);
  put(at("open-sides"), `${count(grid.open_buys, "buy")}, ${count(grid.open_sells, "sell")}`);
  put(at("empty-levels"), grid.empty_levels ? `${count(grid.empty_levels, "level")} empty` : "");
  const change = less(grid.value, grid.budget);
  put(at("value-note"), `${signed(change, grid.money_places)} on ${fixed(grid.budget, grid.money_places)}`);
  for (const unit of document.querySelectorAll("[data-unit=quote]")) put(unit, grid.quote);
}

/** Say where the nearest order of a side is, and how far off; null where there is none. */
function nearest(orders, side, grid) {
  const own = orders.filter((order) => order.side === side && order.kind !== "market").map((order) => order.price);
  if (!own.length) return null;
  const closest = own.reduce((best, one) =>
    sign(less(one, best)) < 0 === (side === "sell") && one !== best ? one : best,
  );
  const away = grid.price === null ? NaN : (Number(closest) / Number(grid.price) - 1) * 100; // how far, never how much
  return `${side} at ${price(closest, grid)}${Number.isFinite(away) ? ` (${signed(away.toFixed(2), 2)} %)` : ""}`;
}

/** Say in the window's title what matters most. */
export function title(picture, grid, state) {
  if (state === "ended") return "The program has ended · gridactors";
  if (state === "lost") return "Connection lost · gridactors";
  if (grid) return `${price(grid.price, grid)} ${grid.quote} · ${grid.standing} · ${grid.name}`;
  const counts = new Map();
  for (const one of picture.grids) counts.set(one.standing, (counts.get(one.standing) ?? 0) + 1);
  const told = [...counts].map(([name, number]) => `${number} ${name}`).join(", ");
  return picture.status ? `${told || "no grid"} · gridactors` : "gridactors";
}

// What states are called, and why.

import { exact, fixed } from "./decimals.js";
import { until, span } from "./times.js";

const ENDINGS = {
  take_profit: "take-profit",
  stop_loss: "stop-loss",
  trailing_stop_loss: "trailing stop-loss",
  time_limit: "the end of its time",
  SIGINT: "Ctrl-C",
  SIGTERM: "a request to end (SIGTERM)",
  SIGHUP: "the end of its terminal (SIGHUP)",
};
const MODES = { live: "live", paper_trading: "paper", backtest: "backtest" };
const LEVEL_STATES = {
  READY_TO_BUY_OR_SELL: "not armed",
  READY_TO_BUY: "waits to buy",
  READY_TO_SELL: "waits to sell",
  WAITING_FOR_BUY_FILL: "buy",
  WAITING_FOR_SELL_FILL: "sell",
};

/** Say why something ended the way people read it: `take-profit`. */
export const ending = (reason) => (Object.hasOwn(ENDINGS, reason) ? ENDINGS[reason] : String(reason));

/** Name a mode in one word. */
export const mode = (name) => (Object.hasOwn(MODES, name) ? MODES[name] : String(name));

/** Name the state of a level. */
export const levelState = (name) => (Object.hasOwn(LEVEL_STATES, name) ? LEVEL_STATES[name] : plainly(name));

/** Name a kind that has no words of its own: `grid_armed` becomes `grid armed`. */
export const plainly = (name) => String(name).replaceAll("_", " ").toLowerCase();

/** Count with the right form of the noun: `1 order`, `2 orders`. */
export const count = (number, noun) => `${number} ${noun}${Number(number) === 1 ? "" : "s"}`;

/** Write a price of a grid. */
export const price = (text, grid) => fixed(text, grid.price_places);

/** Write money of a grid with its currency. */
export const money = (text, grid) => `${fixed(text, grid.money_places)} ${grid.quote}`;

/** Write the range of a grid: `150.00 to 190.00`. */
export const range = (grid) => `${price(grid.bottom, grid)} to ${price(grid.top, grid)}`;

/** Write the fees that were paid in other assets: `0.012 BNB`; empty for none. */
export const otherFees = (grid) =>
  Object.entries(grid.other_fees ?? {})
    .map(([asset, amount]) => `${exact(amount)} ${asset}`)
    .join(" + ");

/** Say in a sentence where a grid stands, and why. */
export function standing(grid, now) {
  const orders = grid.open_buys + grid.open_sells;
  const why = grid.why ? `: ${ending(grid.why)}` : "";
  switch (grid.standing) {
    case "waiting":
      return `Waiting for the price to enter ${range(grid)}.`;
    case "arming":
      return "Arming: it buys what it needs and places its orders.";
    case "running":
      return `Running${grid.armed_at ? ` for ${span(now - grid.armed_at)}` : ""}.`;
    case "pausing":
      return `Pausing${why}. ${count(orders, "order")} still to take down.`;
    case "paused":
      return grid.paused_until
        ? `Paused until ${until(grid.paused_until, now)}, for another ${span(grid.paused_until - now)}${why}.`
        : `Paused until somebody resumes it${why}.`;
    case "stopped":
      return grid.why?.startsWith("stopped ") ? `S${grid.why.slice(1)}.` : `Stopped${why}.`;
    default:
      return `${plainly(grid.standing)}${why}.`;
  }
}

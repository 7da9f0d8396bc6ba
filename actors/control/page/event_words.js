// Events of a grid, told in sentences.

import { exact, fixed } from "./decimals.js";
import { FOLDED } from "./folding.js";
import { until } from "./times.js";
import { count, ending, plainly } from "./words.js";

const REFUSALS = {
  rules: "it breaks a rule of the market",
  permission: "the key may not do that",
  funds: "the account lacks the money",
  would_take: "it would have traded at once",
  closed: "the market does not trade now",
  unreachable: "the exchange could not be reached",
};

// Each gets the event's details, the grid and the time of now.
const SENTENCES = {
  [FOLDED]: (d) => moved(d),
  order_intended: (d, g) =>
    `Orders to ${d.side} ${amount(d.quantity, g)}${d.kind === "market" ? " at market" : ` at ${exact(d.price)}`}`,
  order_accepted: (d) => `The exchange took the order${d.order_id ? ` as number ${d.order_id}` : ""}`,
  trade_booked: (d, g) =>
    `${d.side === "buy" ? "Bought" : "Sold"} ${amount(d.quantity, g)} at ${exact(d.price)}${fee(d)}${d.complete === "false" ? "; part of an order" : ""}`,
  order_ended: (d, g) => `${d.refusal ? "Refused" : "Cancelled"}: an order to ${d.side}${because(d)}${partly(d, g)}`,
  cancel_asked: () => "Takes the order down",
  level_waits: (d) =>
    d.for === "too_small"
      ? `Waits to ${d.side}: under the market's minimum`
      : `Waits to ${d.side}: not enough money is free`,
  grid_armed: (d, g) =>
    `Armed at ${exact(d.price)} with ${count(d.levels, "level")} of ${fixed(d.unit, g.amount_places)} ${g.base}${Number(d.purchase) ? `; buys ${amount(d.purchase, g)} first` : ""}`,
  initial_purchase_done: () => "The initial purchase is done",
  grid_orders_initialized: () => "The ladder stands",
  liquidation_begun: (d, g) => `Sells all ${g.base}: ${ending(d.reason)} at ${exact(d.price)}`,
  grid_stopped: (d, g) => `Stopped: ${ending(d.reason)}${holding(d, g)}`,
  pause_begun: (d, g, now) =>
    isStop(d)
      ? "Is to stay stopped until somebody resumes it"
      : `Takes its orders down to pause${pauseEnd(d, now)}: ${ending(d.reason)}`,
  grid_paused: (d, g, now) => `Paused${pauseEnd(d, now)}: ${ending(d.reason)}${holding(d, g)}`,
  grid_resumed: (d) => `Resumed: ${ending(d.reason)}`,
  grid_recovered: (d) =>
    `Goes on from its journal: ${count(d.orders ?? "0", "order")} asked about, ${d.open ?? "0"} still open`,
  rebuilt: () => "Its books were rebuilt from the journal",
  balances_differed: (d) =>
    `${d.asset}: the account has ${exact(d.account)}, the books say ${exact(d.ours)}${d.text ? `: ${d.text}` : ""}`,
};
const WARNINGS = new Set(["balances_differed", "liquidation_begun", "grid_stopped"]);

/** Tell an event in a sentence; a kind without one is told as it is. */
export function sentence(event, grid, now) {
  const details = event.details ?? {};
  if (Object.hasOwn(SENTENCES, event.kind)) return SENTENCES[event.kind](details, grid, now);
  const rest = Object.entries(details)
    .map(([key, value]) => `${plainly(key)} ${value}`)
    .join(", ");
  const name = plainly(event.kind);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}${rest ? `: ${rest}` : ""}`;
}

/** Tell whether an event wants to be noticed. */
export const isWarning = (event) => WARNINGS.has(event.kind) || Boolean(event.details?.refusal);

const amount = (quantity, grid) => `${exact(quantity)} ${grid.base}`;
const fee = (d) => (d.fee === undefined ? "" : `, fee ${exact(d.fee)} ${d.fee_asset ?? ""}`.trimEnd());
const partly = (d, g) => (Number(d.filled) ? `; ${amount(d.filled, g)} of it was filled` : "");
const holding = (d, g) =>
  d.quote === undefined ? "" : `; holds ${fixed(d.quote, g.money_places)} ${g.quote} and ${amount(d.base, g)}`;
const isStop = (d) => String(d.reason).startsWith("stopped ");
const pauseEnd = (d, now) => (d.until ? ` until ${until(Number(d.until), now)}` : "");

/** Tell many orders at once: `18 orders cancelled, 1 of them partly filled`. */
function moved({ ended, placed, partly, isCut }) {
  const told = [
    ...(ended ? [`${count(ended, "order")} cancelled${partly ? `, ${partly} of them partly filled` : ""}`] : []),
    ...(placed ? [`${count(placed, "order")} placed`] : []),
  ].join("; ");
  return isCut ? `At least ${told}` : told;
}

function because(d) {
  const reason = d.refusal ? (Object.hasOwn(REFUSALS, d.refusal) ? REFUSALS[d.refusal] : plainly(d.refusal)) : "";
  return [reason, d.text]
    .filter(Boolean)
    .map((text) => `, ${text}`)
    .join("");
}

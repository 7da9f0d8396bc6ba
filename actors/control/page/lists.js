// Open orders, fills, days, balances and events of the grid that is looked at.

import { added, brief, exact, fixed, less, sign, signed } from "./decimals.js";
import { at, mark, put, show } from "./dom.js";
import { isWarning, sentence } from "./event_words.js";
import { folded } from "./folding.js";
import { Table, putGain, putSide, putTime } from "./tables.js";
import { day } from "./times.js";
import { count, range } from "./words.js";

const NUMBER = "number";
const amount = (text, grid) => fixed(text, grid.amount_places);
const price = (text, grid) => fixed(text, grid.price_places);

function putExactly(cell, text, shown) {
  put(cell, shown);
  mark(cell, "title", text === null || text === undefined ? null : exact(text));
}

const ORDERS = [
  { head: "Side", write: (cell, order) => putSide(cell, order.side) },
  {
    head: "Price",
    look: NUMBER,
    write: (cell, order, grid) => putExactly(cell, order.price, price(order.price, grid)),
  },
  {
    head: "Quantity",
    look: NUMBER,
    write: (cell, order, grid) => putExactly(cell, order.quantity, amount(order.quantity, grid)),
  },
  {
    head: "Filled",
    look: NUMBER,
    write: (cell, order, grid) => putExactly(cell, order.filled, sign(order.filled) ? amount(order.filled, grid) : "–"),
  },
  { head: "Level", look: NUMBER, write: (cell, order) => put(cell, order.level ?? "–") },
  {
    head: "Order",
    look: "id wide",
    write: (cell, order) =>
      put(cell, order.is_accepted ? order.client_order_id : `${order.client_order_id} · on its way`),
  },
];

const TRADES = [
  { head: "Time", look: "when", write: (cell, trade, grid, now) => putTime(cell, trade.time, now) },
  { head: "Side", write: (cell, trade) => putSide(cell, trade.side) },
  {
    head: "Price",
    look: NUMBER,
    write: (cell, trade, grid) => putExactly(cell, trade.price, price(trade.price, grid)),
  },
  {
    head: "Quantity",
    look: NUMBER,
    write: (cell, trade, grid) => putExactly(cell, trade.quantity, amount(trade.quantity, grid)),
  },
  {
    head: "Fee",
    look: "number wide",
    write: (cell, trade) => putExactly(cell, trade.fee, `${brief(trade.fee)} ${trade.fee_asset}`),
  },
  { head: "Level", look: NUMBER, write: (cell, trade) => put(cell, trade.level ?? "market") },
];

const DAYS = [
  { head: "Day (UTC)", write: (cell, row, grid, now) => put(cell, day(row.day, now)) },
  {
    head: "Profit",
    look: NUMBER,
    write: (cell, row, grid) => putGain(cell, signed(row.profit, grid.money_places), sign(row.profit)),
  },
  { head: "Cycles", look: NUMBER, write: (cell, row) => put(cell, row.cycles) },
  { head: "Fills", look: NUMBER, write: (cell, row) => put(cell, row.trades) },
  { head: "Fees", look: NUMBER, write: (cell, row, grid) => put(cell, fixed(row.fees, grid.money_places)) },
];

const BALANCE = [
  { head: "Asset", write: (cell, row) => put(cell, row.asset) },
  { head: "Free", look: NUMBER, write: (cell, row, grid) => putExactly(cell, row.free, holding(row.free, row, grid)) },
  {
    head: "Reserved",
    look: NUMBER,
    write: (cell, row, grid) => putExactly(cell, row.reserved, holding(row.reserved, row, grid)),
  },
  {
    head: "Total",
    look: NUMBER,
    write: (cell, row, grid) => putExactly(cell, row.total, holding(row.total, row, grid)),
  },
];

const EVENTS = [
  { head: "Time", look: "when", write: (cell, event, grid, now) => putTime(cell, event.time, now) },
  { head: "Level", look: "number when", write: (cell, event) => put(cell, event.level ?? "") },
  {
    head: "What happened",
    look: "told",
    write: (cell, event, grid, now, row) => {
      put(cell, sentence(event, grid, now));
      mark(cell, "title", event.client_order_id ? `order ${event.client_order_id}` : null);
      row.classList.toggle("warned", isWarning(event));
    },
  },
];

/** Sort as the ladder is. */
const highestFirst = (orders) => [...orders].sort((one, other) => Number(other.price) - Number(one.price));

/** Write what is held of an asset: with the places of money, of amounts, or as it is. */
export function holding(text, { asset }, grid) {
  if (asset === grid.quote) return fixed(text, grid.money_places);
  return asset === grid.base ? fixed(text, grid.amount_places) : exact(text);
}

export class Lists {
  constructor() {
    this.orders = new Table(at("orders"), { key: (order) => order.client_order_id, columns: ORDERS });
    this.trades = new Table(at("trades"), {
      key: (trade) => `${trade.trade_id} ${trade.client_order_id}`,
      columns: TRADES,
    });
    this.days = new Table(at("days"), { key: (row) => row.day, columns: DAYS });
    this.balance = new Table(at("balance"), { key: (row) => row.asset, columns: BALANCE });
    this.events = new Table(at("events"), { key: (event) => event.key ?? JSON.stringify(event), columns: EVENTS });
    this.seen = {};
    at("everything").addEventListener("change", () => this.again?.());
  }

  /** Show all of them. */
  show(picture, grid) {
    const { now } = picture;
    this.again = () => {
      this.seen.events = null;
      this.show(picture, grid);
    };
    const noOrders = {
      waiting: `No orders: waiting for the price to enter ${range(grid)}.`,
      paused: "No orders while the grid is paused.",
      stopped: "No orders: the grid is stopped.",
    };
    this.part("orders", picture, grid, (orders) =>
      this.orders.show(highestFirst(orders), grid, now, noOrders[grid.standing] ?? "No open orders just now."),
    );
    this.part("trades", picture, grid, (trades) =>
      this.trades.show(trades, grid, now, "Nothing was bought or sold yet."),
    );
    this.part("days", picture, grid, (days) =>
      this.days.show(days, grid, now, "No day yet: profit comes with the first completed cycle."),
    );
    this.part("balance", picture, grid, (_, whole) => this.funds(whole, grid, now), "assets");
    this.part("events", picture, grid, (events) => this.told(events, grid, now));
    put(
      at("orders-note"),
      grid.open_buys + grid.open_sells ? `${count(grid.open_buys, "buy")}, ${count(grid.open_sells, "sell")}` : "",
    );
    put(at("trades-note"), grid.trades ? `${grid.trades} in all` : "");
    put(at("days-note"), grid.quote);
  }

  /** Do something with a part, if it or the grid's standing is another than before. */
  part(name, picture, grid, act, list = name) {
    const whole = picture.of(name, grid.name);
    const mood = `${grid.name} ${grid.standing} ${grid.budget} ${grid.price_places} ${grid.amount_places}`;
    const seen = this.seen[name];
    if (seen?.whole === whole && seen.mood === mood) return;
    this.seen[name] = { whole, mood };
    act(whole?.[list] ?? [], whole);
  }

  funds(whole, grid, now) {
    this.balance.show(whole?.assets ?? [], grid, now, "Nothing is known of the balances yet.");
    show(at("balance-worth"), Boolean(whole));
    if (!whole) return;
    const change = less(whole.value, whole.budget);
    put(at("balance-value"), `${fixed(whole.value, grid.money_places)} ${grid.quote}`);
    put(at("balance-budget"), `${fixed(whole.budget, grid.money_places)} ${grid.quote}`);
    putGain(at("balance-change"), `${signed(change, grid.money_places)} ${grid.quote}`, sign(added(change, "0")));
  }

  told(events, grid, now) {
    const { rows, hidden } = at("everything").checked ? { rows: events, hidden: 0 } : folded(events);
    this.events.show(
      rows,
      grid,
      now,
      events.length ? "Only order traffic lately; tick the box to see it." : "Nothing has happened yet.",
    );
    put(at("events-note"), hidden ? `${hidden} left out` : "");
  }
}

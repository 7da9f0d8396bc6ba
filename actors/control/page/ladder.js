// The ladder: every level at its price, with the price of now between them.

import { exact, fixed, sign, signed } from "./decimals.js";
import { KeyedList, at, make, mark, put, show } from "./dom.js";
import { putGain } from "./tables.js";
import { count, levelState, price, range } from "./words.js";

const HEADS = [
  ["Level", ""],
  ["State", ""],
  ["Price", "number"],
  ["Quantity", "number"],
  ["Filled", "number wide"],
  ["Profit", "number"],
  ["Cycles", "number wide"],
];
const NOW = "price of now";

export class Ladder {
  constructor() {
    const table = make(
      "table",
      { "aria-labelledby": "ladder-title" },
      make(
        "thead",
        {},
        make("tr", {}, ...HEADS.map(([head, look]) => make("th", { scope: "col", class: look }, head))),
      ),
    );
    this.scroll = at("ladder");
    this.scroll.append(table);
    this.rows = new KeyedList(table, {
      key: keyOf,
      make: made,
      update: (row, item) => this.update(row, item),
      head: table.firstElementChild,
    });
    at("to-price").addEventListener("click", () => this.toPrice());
  }

  /** Show the levels of a grid, highest price first. */
  show(picture, grid) {
    const levels = picture.of("levels", grid.name)?.levels ?? [];
    const isOther = this.of !== grid.name;
    if (isOther) this.rows.clear();
    const shared = sharedReason(levels, grid);
    const shape = `${shared} ${grid.name} ${grid.price} ${grid.price_places} ${grid.amount_places} ${grid.money_places}`;
    if (this.levels !== levels || this.shape !== shape) {
      Object.assign(this, { levels, shape, grid, shared }); // hundreds of rows: each is looked at only if it changed
      this.rows.show(withPrice(levels, grid));
      if (!levels.length) this.rows.clear();
    }
    show(this.scroll, levels.length > 0);
    show(at("ladder-empty"), !levels.length);
    put(at("ladder-empty"), emptiness(grid));
    const empty = levels.filter((level) => level.why !== null).length;
    const all = empty === levels.length ? "All" : "";
    show(at("ladder-why"), shared !== null);
    put(at("ladder-why"), shared === null ? "" : `${all || empty} ${all ? `${empty} ` : ""}levels are empty: ${shared}.`);
    put(at("ladder-note"), levels.length ? `${count(levels.length, "level")}${empty ? `, ${empty} empty` : ""}` : "");
    show(at("to-price"), levels.length > 12 && grid.price !== null);
    if (isOther && levels.length) {
      this.of = grid.name;
      this.toPrice();
    }
  }

  toPrice() {
    const row = this.rows.made.get(NOW)?.node;
    if (row) this.scroll.scrollTop = row.offsetTop - this.scroll.clientHeight / 2;
  }

  update(row, level) {
    const { grid } = this;
    const { node, cells, reason, why } = row;
    if (level.isPrice) return put(cells[0], `${fixed(grid.price, grid.price_places)} ${grid.quote} now`);
    const told = JSON.stringify([level, this.shared, grid.price_places, grid.amount_places, grid.money_places]);
    if (row.told === told) return;
    row.told = told;
    const [name, state, at, quantity, filled, profit, cycles] = cells;
    put(name, level.level);
    const part = sign(level.filled) > 0 ? ` ${share(level.filled, level.quantity)} %` : "";
    put(state, levelState(level.state) + part);
    mark(state, "data-side", level.side);
    mark(node, "data-empty", level.why === null ? null : this.shared === null ? "told" : "yes");
    put(at, price(level.price, grid));
    put(quantity, fixed(level.quantity, grid.amount_places));
    mark(quantity, "title", exact(level.quantity));
    put(filled, sign(level.filled) ? fixed(level.filled, grid.amount_places) : "–");
    putGain(profit, sign(level.profit) ? signed(level.profit, grid.money_places) : "–", sign(level.profit));
    put(cycles, level.cycles || "–");
    show(reason, level.why !== null && this.shared === null);
    put(why, level.why === null ? "" : `Empty: ${level.why}`);
  }
}

const keyOf = (level) => (level.isPrice ? NOW : `${level.level} ${level.side}`);

function made(item) {
  if (item.isPrice) {
    const cell = make("td", { colspan: String(HEADS.length) });
    return { node: make("tbody", { class: "now" }, make("tr", {}, cell)), cells: [cell] };
  }
  const cells = HEADS.map(([, look]) => make("td", { class: look }));
  const why = make("td", { colspan: String(HEADS.length - 1) });
  const reason = make("tr", { class: "why" }, make("td"), why);
  return { node: make("tbody", {}, make("tr", {}, ...cells), reason), cells, reason, why };
}

/** Put the price of now between the levels above and those below it. */
function withPrice(levels, grid) {
  if (grid.price === null || !levels.length) return levels;
  const now = Number(grid.price); // only a place between rows is chosen by it
  const below = levels.findIndex((level) => Number(level.price) < now);
  const place = below < 0 ? levels.length : below;
  return [...levels.slice(0, place), { isPrice: true }, ...levels.slice(place)];
}

/** Give the reason why levels are empty if it is the same for several, so that it is told once; null otherwise. */
function sharedReason(levels, grid) {
  const reasons = levels.map((level) => level.why).filter((why) => why !== null);
  if (reasons.length < 2 || reasons.some((why) => why !== reasons[0])) return null;
  return grid.standing === "stopped" ? "the grid is stopped" : reasons[0];
}

function share(part, whole) {
  const percent = Math.floor((Number(part) / Number(whole)) * 100);
  return Number.isFinite(percent) ? percent : 0;
}

function emptiness(grid) {
  switch (grid.standing) {
    case "waiting":
      return `No levels yet: waiting for the price to enter ${range(grid)}.`;
    case "arming":
      return "No levels yet: the grid is arming.";
    case "paused":
      return "No orders while the grid is paused; its levels come back when it is resumed.";
    case "stopped":
      return "No levels: the grid is stopped.";
    default:
      return "No levels are known yet.";
  }
}

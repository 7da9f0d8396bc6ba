// Tables whose rows are told apart by keys, and are changed cell by cell.

import { KeyedList, make, mark, put, show } from "./dom.js";
import { clock, utc } from "./times.js";

/** Show a list as a table, or in words why it is empty. */
export class Table {
  /** A column has `head`, `write(cell, row, grid, now)` and a `look` (a class). */
  constructor(host, { key, columns }) {
    Object.assign(this, { columns, shown: null });
    const body = make("tbody");
    this.scroll = make(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": host.dataset.title },
      make(
        "table",
        { "aria-labelledby": host.dataset.title },
        make(
          "thead",
          {},
          make("tr", {}, ...columns.map(({ head, look }) => make("th", { scope: "col", class: look ?? "" }, head))),
        ),
        body,
      ),
    );
    this.empty = make("p", { class: "empty" });
    host.append(this.scroll, this.empty);
    this.rows = new KeyedList(body, { key, make: () => this.row(), update: (made, item) => this.update(made, item) });
  }

  /** Show these rows of a grid; `why` says in words why there are none. */
  show(items, grid, now, why) {
    if (this.of !== grid.name) this.rows.clear();
    Object.assign(this, { of: grid.name, grid, now });
    this.rows.show(items);
    show(this.scroll, items.length > 0);
    show(this.empty, items.length === 0);
    put(this.empty, why);
  }

  row() {
    const cells = this.columns.map(({ look }) => make("td", { class: look ?? "" }));
    return { node: make("tr", {}, ...cells), cells };
  }

  update(row, item) {
    const { node, cells } = row;
    const { grid, now } = this;
    const told = JSON.stringify([
      item,
      grid.price_places,
      grid.amount_places,
      grid.money_places,
      new Date(now).getDate(),
    ]);
    if (row.told === told) return;
    row.told = told;
    this.columns.forEach(({ write }, index) => write(cells[index], item, grid, now, node));
  }
}

/** Write a time, in UTC in its title. */
export function putTime(cell, time, now) {
  put(cell, clock(time, now));
  mark(cell, "title", utc(time));
}

/** Write buy or sell with its colour and its line. */
export function putSide(cell, side) {
  put(cell, side ?? "–");
  mark(cell, "data-side", side);
}

/** Write a gain or a loss with its colour. */
export function putGain(cell, text, direction) {
  put(cell, text);
  mark(cell, "data-gain", direction > 0 ? "gain" : direction < 0 ? "loss" : null);
}

// The buttons that steer, each with a dialog that says what will happen before it does, and what came of it.

import { KeyedList, at, make, mark, put, show } from "./dom.js";
import { exact } from "./decimals.js";
import { commanding } from "./key.js";
import { leave } from "./stream.js";
import { until } from "./times.js";
import { count, ending } from "./words.js";

const WAIT = 30; // seconds that the program may take to answer
const PATIENCE = (WAIT + 15) * 1_000; // ms
const DOUBLE_CLICK = 400; // ms in which a second click is the same one
const ACTIONS = {
  pause: { verb: "Pause", doing: "Pausing" },
  resume: { verb: "Resume", doing: "Resuming" },
  restart: { verb: "Restart", doing: "Restarting" },
  stop: { verb: "Stop", doing: "Stopping" },
};
const RESTING = ["pausing", "paused", "stopped"];

/** Say which actions there are for a grid as it stands. */
function possible(action, grid) {
  if (action === "resume") return RESTING.includes(grid.standing);
  return action === "stop" ? grid.standing !== "stopped" : !RESTING.includes(grid.standing);
}

export class Steering {
  /** Tell `onLast(isDone)` that the last grid was to be stopped, with which the program ends, and whether it is. */
  constructor(picture, onLast) {
    Object.assign(this, { picture, onLast, isClosed: false, dialog: at("confirm"), action: null, names: [], isBusy: false });
    this.outcomes = new KeyedList(at("outcomes"), {
      key: (one) => one.text,
      make: () => ({ node: make("li") }),
      update: ({ node }, one) => {
        put(node, one.text);
        mark(node, "data-outcome", one.look);
      },
    });
    for (const button of document.querySelectorAll("[data-action]"))
      button.addEventListener("click", () => this.ask(button.dataset));
    at("confirm-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    at("cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("cancel", (event) => this.isBusy && event.preventDefault());
    at("pause-for").addEventListener("change", () => this.chosen());
    at("pause-for").addEventListener("input", () => this.chosen());
  }

  /** Offer what can be done to the grid that is looked at, or to all where that is null. */
  show(grid) {
    this.looked = grid;
    for (const button of document.querySelectorAll("[data-action]")) {
      const grids = button.dataset.of === "all" ? this.picture.grids : grid ? [grid] : [];
      const can = grids.some((one) => possible(button.dataset.action, one));
      const isOff = this.isClosed || !can;
      if (button.disabled !== isOff) button.disabled = isOff;
      if (button.dataset.of !== "all" && ["pause", "resume"].includes(button.dataset.action)) show(button, can);
    }
    if (this.isBusy) this.progress();
    else if (this.dialog.open) this.warn();
  }

  /** Offer nothing to a program that has ended. */
  close(isClosed) {
    if (this.isClosed === isClosed) return;
    this.isClosed = isClosed;
    this.show(this.looked);
  }

  /** Tell whether no other grid would go on. */
  get isLast() {
    const left = this.picture.grids.filter((grid) => grid.standing !== "stopped").map((grid) => grid.name);
    return this.action === "stop" && left.length > 0 && left.every((name) => this.names.includes(name));
  }

  /** Say that the program ends with its last grid. */
  warn() {
    const isOne = this.names.length === 1;
    const who = isOne ? "It is the last grid that runs" : "They are the last grids that run";
    show(at("last-grid"), this.isLast && !at("yes").hidden);
    put(at("last-grid"), this.isLast ? `${who}: the program ends, and this page with it.` : "");
  }

  /** Say what would happen, and wait for a yes. */
  ask({ action, of }) {
    if (this.dialog.open) return;
    if (this.isBusy) return this.dialog.showModal(); // what was sent is still going on
    const grids = (of === "all" ? this.picture.grids : [this.looked]).filter((grid) => grid && possible(action, grid));
    if (!grids.length) return;
    Object.assign(this, { action, names: grids.map((grid) => grid.name) });
    const what = grids.length === 1 ? grids[0].name : `${grids.length} grids`;
    put(at("confirm-title"), `${ACTIONS[action].verb} ${what}?`);
    at("consequences").replaceChildren(...grids.map((grid) => this.consequences(action, grid, grids.length > 1)));
    show(
      at("real-money"),
      grids.some((grid) => grid.mode === "live"),
    );
    show(at("pause-for"), action === "pause");
    at("pause-for").disabled = action !== "pause";
    at("confirm-form").reset();
    this.chosen();
    this.outcomes.clear();
    put(at("progress"), "");
    mark(this.dialog, "data-asks", action);
    this.ready(ACTIONS[action].verb);
    this.warn();
    at("yes").disabled = true;
    setTimeout(() => {
      at("yes").disabled = this.isBusy;
    }, DOUBLE_CLICK);
    this.dialog.showModal();
    at("cancel").focus();
  }

  consequences(action, grid, isOneOfMany) {
    const orders = grid.open_buys + grid.open_sells;
    const cancelled = orders
      ? `Its ${count(orders, "open order")} ${orders === 1 ? "is" : "are"} cancelled.`
      : "It has no open order to cancel.";
    const held = this.held(grid);
    const told = {
      pause: [
        cancelled,
        `It keeps its position${held}; nothing is sold.`,
        "Its levels are remembered; take-profit and stop-loss stay on watch.",
      ],
      resume:
        grid.standing === "stopped"
          ? [`It begins again with what it holds${held}.`, "Its ladder is placed anew, and it trades again."]
          : ["Its ladder is put back: the orders of its levels are placed again.", "It trades again from then on."],
      restart: [cancelled, `It keeps its position${held}.`, "Then its ladder is put back from what is written down."],
      stop: [
        cancelled,
        `It keeps its position${held}; nothing is sold.`,
        "It stays stopped, also when the program is started again, until somebody resumes it.",
      ],
    }[action];
    const list = make("ul", {}, ...told.map((text) => make("li", {}, text)));
    return isOneOfMany ? make("div", {}, make("h3", {}, grid.name), list) : list;
  }

  held(grid) {
    const assets = (this.picture.of("balance", grid.name)?.assets ?? []).filter((one) =>
      [grid.base, grid.quote].includes(one.asset),
    );
    return assets.length ? ` (${assets.map((one) => `${exact(one.total)} ${one.asset}`).join(" and ")})` : "";
  }

  /** Say until when a pause would last. */
  chosen() {
    const isOther = this.choice() === "other";
    for (const field of [at("other-number"), at("other-unit")]) field.disabled = !isOther;
    const seconds = this.seconds();
    const end = this.picture.now + seconds * 1000;
    const text =
      seconds === null
        ? "It stays paused until somebody resumes it."
        : Number.isFinite(seconds) && seconds > 0
          ? `It goes on by itself at ${until(end, this.picture.now)}.`
          : "Say for how long.";
    put(at("pause-end"), text);
  }

  choice() {
    return new FormData(at("confirm-form")).get("pause-for");
  }

  /** Give the chosen seconds, null for until resumed. */
  seconds() {
    const choice = this.choice();
    if (choice === "other") return Math.round(Number(at("other-number").value || NaN) * Number(at("other-unit").value));
    return choice === "" || choice === null ? null : Number(choice);
  }

  async send() {
    if (this.isBusy || at("yes").disabled) return;
    this.isBusy = true;
    const wasLast = this.isLast;
    const seconds = this.action === "pause" ? this.seconds() : null; // read before the fields are closed
    at("yes").disabled = at("cancel").disabled = at("pause-for").disabled = true;
    mark(this.dialog, "aria-busy", "true");
    this.outcomes.clear();
    this.progress();
    const outcome = await posted(`/api/${this.action}`, {
      grids: this.names,
      wait: WAIT,
      ...(seconds === null ? {} : { seconds }),
    });
    this.isBusy = false;
    const isDone = outcome.grids?.every((one) => one.done) ?? false;
    if (wasLast && (outcome.grids || outcome.isUnknown)) this.onLast(isDone);
    this.tell(outcome);
  }

  /** Say how far it is: how many orders are left where they are taken down. */
  progress() {
    const { doing } = ACTIONS[this.action];
    const grids = this.picture.grids.filter((grid) => this.names.includes(grid.name));
    const left = grids.reduce((sum, grid) => sum + grid.open_buys + grid.open_sells, 0);
    const orders =
      this.action === "resume" ? `${count(left, "order")} placed so far` : `${count(left, "open order")} now`;
    put(at("progress"), `${doing}… ${orders}.`);
  }

  tell({ grids, error, isUnknown }) {
    mark(this.dialog, "aria-busy", null);
    put(at("progress"), "");
    at("cancel").disabled = false;
    if (grids) {
      this.outcomes.show(
        grids.map((one) => ({
          text: `${one.name}: ${one.text ? ending(one.text) : one.standing}${one.done || one.refused ? "" : " (still going on)"}`,
          look: one.refused ? "failed" : one.done ? "done" : "going",
        })),
      );
      this.finished(grids);
    } else {
      this.outcomes.show([{ text: error, look: "failed" }]);
      this.ready(isUnknown ? "Send again" : "Try again");
    }
    if (!this.dialog.open) this.dialog.showModal();
  }

  ready(label) {
    put(at("yes"), label);
    put(at("cancel"), "Cancel");
    show(at("yes"), true);
    at("yes").disabled = at("cancel").disabled = false;
    at("pause-for").disabled = this.action !== "pause";
    show(at("consequences"), true);
  }

  finished(grids) {
    const title = grids.some((one) => one.refused)
      ? "Refused"
      : grids.every((one) => one.done)
        ? "Done"
        : "Not done yet";
    put(at("confirm-title"), title);
    show(at("consequences"), false);
    show(at("pause-for"), false);
    show(at("real-money"), false);
    show(at("last-grid"), false);
    show(at("yes"), false);
    put(at("cancel"), "Close");
    at("cancel").focus();
  }
}

/** Send a command; give what came of it, or why nothing did. */
async function posted(path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: commanding(),
      body: JSON.stringify(body),
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return {
      error: "No answer came. It may have been done or not: see how the grid stands before you send it again.",
      isUnknown: true,
    };
  }
  if (answer.status === 401) leave();
  const told = await answer.json().catch(() => ({}));
  if (Array.isArray(told.grids)) return { grids: told.grids };
  return { error: `It was refused: ${told.error ?? `status ${answer.status}`}` };
}

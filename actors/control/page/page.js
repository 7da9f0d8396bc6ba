// The dashboard: what comes from the program is taken into one picture, and shown at most once a frame.

import { Chart } from "./chart.js";
import { KeyedList, at, make, mark, put, show } from "./dom.js";
import { Health } from "./health.js";
import { asking, commanding, forgetKey, keepKey } from "./key.js";
import { Ladder } from "./ladder.js";
import { Lists } from "./lists.js";
import { Overview } from "./overview.js";
import { Picture } from "./picture.js";
import { Steering } from "./steering.js";
import { Stream, leave } from "./stream.js";
import { showSummary, title } from "./summary.js";
import { span } from "./times.js";

const ALL = "";
const LINKS = { live: "live", lost: "not connected", ended: "ended", connecting: "connecting" };
const SAID = { lost: "Connection lost, reconnecting…", ended: "The program has ended." };
const HISTORY = "/api/candles?limit=300";

class Page {
  constructor() {
    this.picture = new Picture();
    this.views = [new Ladder(), new Chart(), new Lists()];
    this.overview = new Overview((name) => this.choose(name));
    this.health = new Health();
    this.steering = new Steering(this.picture, (isDone) => {
      this.lastStop = { began: this.picture.status.started_at, isDone };
      this.foresee();
    });
    this.tabs = new KeyedList(at("tabs"), {
      key: (tab) => tab.name,
      make: (tab) => this.tab(tab),
      update: (made, tab) => this.mark(made, tab),
    });
    this.name = named(window.location.hash);
    at("tabs").addEventListener("keydown", (event) => this.step(event));
    at("logout").addEventListener("click", logout);
    window.addEventListener("hashchange", () => this.choose(named(window.location.hash)));
    for (const link of document.querySelectorAll("[data-goto]"))
      link.addEventListener("click", () => at(link.dataset.goto).scrollIntoView());
    this.stream = new Stream({
      onPart: (part, json) => this.take(part, json),
      onState: () => this.connected(),
      onOpen: () => this.history(),
    });
    setInterval(() => this.connected(), 1_000);
  }

  /** Give the grid that is looked at; null for all of them. */
  get grid() {
    const { grids } = this.picture;
    if (grids.length === 1) return grids[0];
    return grids.find((grid) => grid.name === this.name) ?? null;
  }

  take(part, json) {
    const known = this.picture.status?.version;
    this.picture.take(part, json);
    if (part === "status") this.foresee();
    if (part === "status" && known && known !== json.version && !at("confirm").open) window.location.reload();
    document.title = title(this.picture, this.grid, this.state);
    this.later();
  }

  /** Give how the connection is, `ended` where it is gone because the program has ended as it said it would. */
  get state() {
    return this.stream?.isEnded ? "ended" : (this.stream?.state ?? "connecting");
  }

  /** Expect the program to end where it says so, or where its last grid was stopped from here. */
  foresee() {
    const { is_stopping: isStopping, started_at: began, grids } = this.picture.status;
    if (this.lastStop?.began !== began) this.lastStop = null; // that was another process
    const isStopped = this.lastStop?.isDone || grids.every((grid) => grid.standing === "stopped");
    this.stream.isEnding = isStopping || Boolean(this.lastStop && isStopped);
  }

  later() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.show();
    });
  }

  show() {
    const { picture, grid } = this;
    if (!picture.status) return;
    const { grids } = picture;
    this.tabs.show(
      grids.length > 1
        ? [{ name: ALL, label: "All grids" }, ...grids.map(({ name, standing }) => ({ name, label: name, standing }))]
        : [],
    );
    show(at("tabs"), grids.length > 1);
    show(at("overview"), !grid && grids.length > 0);
    show(at("grid"), Boolean(grid));
    show(at("no-grids"), !grids.length);
    mark(at("main"), "data-loading", null);
    if (grid) {
      showSummary(picture, grid);
      for (const view of this.views) view.show(picture, grid);
    } else {
      this.overview.show(picture);
    }
    this.health.show(picture, grid);
    this.steering.show(grid);
    show(at("ending"), this.state !== "ended" && picture.status.is_stopping);
    put(
      at("process"),
      `gridactors ${picture.status.version} · process ${picture.status.pid} · up ${span(picture.now - picture.status.started_at)}`,
    );
  }

  /** Say how the connection is, and for how long it has been gone. */
  connected() {
    const { state } = this;
    const lastSeen = this.stream?.lastSeen ?? null;
    mark(document.body, "data-link", state);
    put(at("link"), LINKS[state]);
    show(at("lost"), state === "lost");
    show(at("ended"), state === "ended");
    put(at("lost-said"), SAID[state] ?? "");
    show(at("ending"), state !== "ended" && (this.picture.status?.is_stopping ?? false));
    this.steering.close(state === "ended");
    show(at("lost-why"), this.stream?.isAnswered ?? false);
    put(at("lost-for"), lastSeen ? `, last seen ${span(Date.now() - lastSeen)} ago` : "");
    document.title = title(this.picture, this.grid, state);
  }

  async history() {
    try {
      const answer = await fetch(HISTORY, { headers: asking(), cache: "no-store" });
      if (answer.status === 401) leave();
      if (answer.ok) this.take("candles", await answer.json());
    } catch {
      // the stream will say that the connection is gone
    }
  }

  choose(name) {
    this.name = name;
    const hash = name === ALL ? "" : `#grid=${encodeURIComponent(name)}`;
    if (window.location.hash !== hash) window.history.replaceState(null, "", hash || window.location.pathname);
    window.scrollTo(0, 0);
    this.later();
  }

  tab({ name, label }) {
    const text = make("span", {}, label);
    const node = make(
      "button",
      { type: "button", role: "tab", "aria-controls": name === ALL ? "overview" : "grid" },
      text,
    );
    node.addEventListener("click", () => this.choose(name));
    return { node };
  }

  mark({ node }, { name, standing }) {
    const isChosen = name === (this.grid?.name ?? ALL);
    mark(node, "aria-selected", isChosen ? "true" : "false");
    mark(node, "tabindex", isChosen ? "0" : "-1");
    mark(node, "data-standing", standing ?? null);
  }

  /** Go through the tabs by the arrow keys. */
  step(event) {
    const tabs = [...at("tabs").children];
    const next = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!next) return;
    const tab = tabs.at((tabs.indexOf(document.activeElement) + next) % tabs.length);
    tab.focus();
    tab.click();
  }
}

function named(hash) {
  try {
    return decodeURIComponent(/^#grid=(.*)$/.exec(hash)?.[1] ?? ALL);
  } catch {
    return ALL;
  }
}

async function logout() {
  await fetch("/logout", {
    method: "POST",
    headers: commanding(),
    body: "{}",
  }).catch(() => null);
  forgetKey();
  leave();
}

keepKey();
new Page();

// The connection to the program: server-sent events, watched for silence, made again for as long as it takes.

import { KeyedEventSource } from "./event_source.js";
import { asking } from "./key.js";

const PARTS = ["status", "levels", "orders", "balance", "trades", "events", "days", "candles"];
const SILENCE = 6_000; // ms without a word after which the program is asked whether it is there
const HALF_DEAD = 25_000; // ms after which the stream is made anew although the program answers
const PATIENCE = 5_000; // ms for an answer
const PAUSE = 2_000; // ms between plain requests
const QUIETLY = 10_000; // ms between attempts to find a program that has ended
const DELAYS = [500, 1_000, 2_000, 3_000, 5_000]; // ms between attempts

export class Stream {
  /** Tell `onPart(part, json)` what comes, `onState(state)` how it stands, `onOpen()` each beginning. */
  constructor({ onPart, onState, onOpen }) {
    Object.assign(this, {
      onPart,
      onState,
      onOpen,
      lastSeen: null,
      lastPart: Date.now(),
      state: "connecting",
      failures: 0,
    });
    Object.assign(this, { isAsking: false, askedAt: 0, isAnswered: false, isEnding: false });
    window.addEventListener("online", () => this.again());
    document.addEventListener("visibilitychange", () => document.hidden || this.watch());
    setInterval(() => this.watch(), 1_000);
    this.open();
  }

  open() {
    clearTimeout(this.retry);
    this.source?.close();
    const source = (this.source = new KeyedEventSource("/api/stream"));
    this.lastPart = Date.now();
    source.addEventListener("open", () => this.onOpen());
    source.addEventListener("error", () => this.failed(source));
    for (const part of PARTS) source.addEventListener(part, (event) => this.heard(part, event.data));
  }

  heard(part, text) {
    this.lastPart = Date.now();
    this.alive();
    this.onPart(part, JSON.parse(text));
  }

  alive() {
    this.lastSeen = Date.now();
    this.failures = 0;
    this.become("live");
  }

  failed(source) {
    if (source !== this.source) return;
    source.close(); // the pace is ours, also where a browser would not try again
    this.become("lost");
    this.ask();
    const delay = this.isEnded ? QUIETLY : DELAYS[Math.min(this.failures, DELAYS.length - 1)];
    this.failures += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), delay);
  }

  /** Tell whether the program is gone because it has ended, as it said it would. */
  get isEnded() {
    return this.state === "lost" && this.isEnding;
  }

  again() {
    if (this.state !== "live") this.open();
  }

  watch() {
    const silence = Date.now() - this.lastPart;
    if (this.state !== "live" || silence < SILENCE) return;
    if (silence >= HALF_DEAD) this.open();
    else this.ask();
  }

  /** Ask by a plain request: it may be the stream alone that is silent, and only a status says that a login is over. */
  async ask() {
    if (this.isAsking || Date.now() - this.askedAt < PAUSE) return;
    Object.assign(this, { isAsking: true, askedAt: Date.now(), isAnswered: false });
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch("/api/status", { headers: asking(), signal, cache: "no-store" });
      if (answer.status === 401 || answer.status === 403) return leave();
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const status = await answer.json();
      this.isAnswered = true;
      if (this.state !== "live") return;
      this.lastSeen = Date.now();
      this.onPart("status", status);
    } catch {
      this.become("lost");
      if (this.source.readyState !== KeyedEventSource.CLOSED) this.failed(this.source);
    } finally {
      this.isAsking = false;
    }
  }

  become(state) {
    if (this.state === state) return;
    this.state = state;
    this.onState(state);
  }
}

/** Go where one logs in. */
export function leave() {
  window.location.replace("/login");
}

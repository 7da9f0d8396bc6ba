// Server-sent events with a header of our own: what EventSource cannot send, the key of a session, goes with them.

import { asking } from "./key.js";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** Stand where an EventSource does, but for coming back by itself: its owner decides when to try again. */
export class KeyedEventSource extends EventTarget {
  static CLOSED = CLOSED;

  constructor(path) {
    super();
    this.readyState = CONNECTING;
    this.aborting = new AbortController();
    this.run(path);
  }

  close() {
    this.readyState = CLOSED;
    this.aborting.abort();
  }

  async run(path) {
    try {
      const headers = { ...asking(), Accept: "text/event-stream" };
      const answer = await fetch(path, { headers, cache: "no-store", signal: this.aborting.signal });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      this.readyState = OPEN;
      this.dispatchEvent(new Event("open"));
      await this.hear(answer.body.pipeThrough(new TextDecoderStream()).getReader());
    } catch {
      // Told below, as the end of a stream is.
    }
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.dispatchEvent(new Event("error"));
  }

  async hear(reader) {
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop();
      for (const block of blocks) this.tell(block);
    }
  }

  /** Tell one event; a comment has neither name nor data. */
  tell(block) {
    let name = "message";
    const data = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("event: ")) name = line.slice("event: ".length);
      else if (line.startsWith("data: ")) data.push(line.slice("data: ".length));
    }
    if (data.length) this.dispatchEvent(new MessageEvent(name, { data: data.join("\n") }));
  }
}

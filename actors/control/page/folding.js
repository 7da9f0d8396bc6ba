// Runs of order traffic in the list of events, each folded into one row: a pause takes down every order of a ladder.

const TRAFFIC = new Set(["order_intended", "order_accepted", "cancel_asked"]); // what every order goes through
const APART = 5_000; // ms between two that belong together, at most
const WHOLE = 100; // events that are told at most: whoever told as many may know of more

/** The kind of a row that stands for many; `sentence` tells it from its details. */
export const FOLDED = "orders_folded";

/** Fold events, newest first; give the `rows` to show, and how many events are `hidden` by none of them being told. */
export function folded(events) {
  const rows = [];
  let hidden = 0;
  for (const run of runs(events)) {
    const row = isMove(run[0]) ? told(run, events) : run[0];
    if (row) rows.push(row);
    else hidden += run.length;
  }
  return { rows, hidden };
}

/** Tell whether an event is an order's coming or going; one that was refused wants to be told by itself. */
const isMove = ({ kind, details }) => TRAFFIC.has(kind) || (kind === "order_ended" && !details?.refusal);

function runs(events) {
  const found = [];
  for (const event of events) {
    const run = found.at(-1);
    const last = run?.at(-1);
    if (last && isMove(last) && isMove(event) && last.time - event.time <= APART) run.push(event);
    else found.push([event]);
  }
  return found;
}

/** Give one row for a run; null where a single order was placed, as after every fill. */
function told(run, events) {
  const ended = run.filter(({ kind }) => kind === "order_ended");
  const placed = new Set(
    run.filter(({ kind }) => kind.startsWith("order_") && kind !== "order_ended").map((event) => event.client_order_id),
  );
  if (ended.length === 1 && placed.size < 2) return ended[0];
  if (!ended.length && placed.size < 2) return null;
  const isCut = events.length >= WHOLE && run.at(-1) === events.at(-1);
  const partly = ended.filter(({ details }) => Number(details.filled)).length;
  return {
    time: run[0].time,
    kind: FOLDED,
    level: null,
    client_order_id: null,
    key: isCut ? "cut" : JSON.stringify(run.at(-1)), // a run grows at its newer end
    details: { ended: ended.length, placed: placed.size, partly, isCut },
  };
}

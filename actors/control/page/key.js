// The key of a session: it goes with everything beside the cookie, which other servers of this machine are sent too.

const KEPT = "gridactors.key"; // of this origin alone, its port included

/** Keep the key that a login came with, and take it out of the address. */
export function keepKey() {
  const key = /^#key=([0-9a-f]+)$/.exec(window.location.hash)?.[1];
  if (!key) return;
  keep(key);
  window.history.replaceState(null, "", window.location.pathname);
}

export function keep(key) {
  window.localStorage.setItem(KEPT, key);
}

export function forgetKey() {
  window.localStorage.removeItem(KEPT);
}

/** Give the headers of a question. */
export function asking() {
  return { "X-Gridactors": window.localStorage.getItem(KEPT) ?? "1" };
}

/** Give the headers of a command. */
export function commanding() {
  return { "Content-Type": "application/json", ...asking() };
}

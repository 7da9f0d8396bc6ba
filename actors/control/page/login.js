// The login page. Without this script the form is sent as it is; with it, a refusal is told on the spot.

import { keep } from "/static/key.js";

const [form, refused, enter] = ["login", "refused", "enter"].map((id) => document.getElementById(id));

if (new URLSearchParams(window.location.search).has("failed")) {
  refused.textContent =
    "That link or code was not taken: it was used before, is too old or is not right. Ask for a new one with gridactors dashboard.";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (enter.disabled) return;
  enter.disabled = true;
  refused.textContent = "";
  refused.textContent = await refusal();
  enter.disabled = false;
});

/** Log in; give why that was refused. */
async function refusal() {
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch("/login", {
      method: "POST",
      headers: { "X-Gridactors": "1" },
      body,
      credentials: "same-origin",
    });
    if (answer.ok) {
      const { key } = await answer.json();
      if (key) keep(key);
      window.location.replace("/");
      return "";
    }
    const told = await answer.json().catch(() => ({}));
    return told.error ? `Refused: ${told.error}` : "That is not the code.";
  } catch {
    return "No answer: does the program run?";
  }
}

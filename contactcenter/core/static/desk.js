// The desk: joins calls with the softphone, keeps what was typed, and puts the cursor where work goes on.

import { refuse } from "./app.js";
import { Softphone } from "./softphone.js";

const desk = document.querySelector(".desk");
const phone = desk.dataset.softphone ? new Softphone(desk.dataset.softphone) : null;

// A field that somebody touched is theirs: refreshing panels leave it alone. Its id names the contact,
// so that the next call gets fresh ones.
desk.addEventListener("input", ({ target }) => target.setAttribute("hx-morph-skip", ""));

document.addEventListener("htmx:after:request", async ({ detail: { ctx } }) => {
  const { call, calls } = ctx.sourceElement.dataset;
  if (ctx.response.status >= 400) return;
  if (calls !== undefined) sessionStorage.calls = "1";
  if (call) await join(call);
});

const join = async (call) => {
  try {
    await phone?.answer(call);
  } catch (error) {
    console.error(error);
    refuse(document.querySelector("#call > *"), desk.dataset.silent);
  }
};

// Whom we called has answered and waits: the window in which somebody pressed Call joins, and no other.
const joinWhoWaits = () => {
  const waits = document.querySelector("[data-join]");
  if (!waits || !sessionStorage.calls) return;
  delete sessionStorage.calls;
  join(waits.dataset.join);
};
document.addEventListener("htmx:after:swap", joinWhoWaits);
joinWhoWaits();

phone?.addEventListener("state", () => {
  desk.dataset.phone = phone.state;
});
desk.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-mute]");
  if (!button) return;
  const muted = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", muted);
  button.setAttribute("hx-morph-skip", "");
  phone?.mute(muted);
});
addEventListener("beforeunload", (event) => {
  if (phone && phone.state !== "closed") event.preventDefault();
});

// When the call that was shown is over, let go of the line; one that was just answered may not be shown yet. What newly
// asks for an answer (a drawn question, the outcome) gets the cursor, unless somebody is busy elsewhere.
const seen = new Set();
let live = false;
document.addEventListener("htmx:after:swap", () => {
  const call = document.querySelector("#call");
  const over = live && call.dataset.stage !== "live";
  live = call.dataset.stage === "live";
  if (over) delete sessionStorage.calls;
  if (over && phone?.state === "open") phone.hangup();
  const first = call.querySelector("[data-first]");
  if (!first || seen.has(first.id)) return;
  seen.add(first.id);
  if (!document.activeElement?.matches("input, textarea, select")) first.focus(); // else the answer's letters act as keys
});

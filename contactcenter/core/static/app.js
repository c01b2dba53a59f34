// What every page does: keys, live events, running clocks, presses that need a second one, refusals beside their cause.

import "./keys.js";
import { watch } from "./live.js";

const root = document.documentElement;
const skew = Date.now() - Date.parse(root.dataset.now);
const SECOND_PRESS_MS = 4000;

export const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
  return h ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
};

// "5 minutes ago", worded and rounded as the server does it.
const UNITS = { year: 31536000, month: 2592000, week: 604800, day: 86400, hour: 3600, minute: 60, second: 1 };
const relative = new Intl.RelativeTimeFormat(root.lang);
const ago = (seconds) => {
  const [unit, size] = Object.entries(UNITS).find(([, size]) => Math.abs(seconds) / size >= 0.85) ?? ["second", 1];
  return relative.format(-Math.sign(seconds) * Math.max(1, Math.round(Math.abs(seconds) / size)), unit);
};

const passed = (moment) => (Date.now() - skew - Date.parse(moment)) / 1000;
setInterval(() => {
  for (const element of document.querySelectorAll("[data-since]")) element.textContent = clock(passed(element.dataset.since));
  for (const element of document.querySelectorAll("[data-ago]")) {
    const text = ago(passed(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}, 1000);

// A button with data-twice shows that text at the first press and acts at the second.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-twice]");
  if (!button || "armed" in button.dataset) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const label = button.querySelector("[data-label]");
  const before = label.textContent;
  label.textContent = button.dataset.twice;
  button.dataset.armed = "";
  button.setAttribute("hx-morph-skip", "");
  setTimeout(() => {
    label.textContent = before;
    delete button.dataset.armed;
    button.removeAttribute("hx-morph-skip");
  }, SECOND_PRESS_MS);
}, true);

// What the server refuses stands beside what was tried, and stays until the next try there.
const slotOf = (source) => (source.closest(":has(> [data-slot])") ?? document).querySelector("[data-slot]");

export const refuse = (source, sentence) => {
  const slot = slotOf(source);
  if (!slot) return;
  slot.textContent = sentence;
  slot.hidden = !sentence;
};

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.request.method !== "GET") refuse(event.detail.ctx.sourceElement, "");
});
document.addEventListener("htmx:response:error", (event) => {
  const page = new DOMParser().parseFromString(event.detail.ctx.text, "text/html");
  const sentence = page.querySelector("#problem")?.textContent;
  if (sentence) refuse(event.detail.ctx.sourceElement, sentence);
});

if (root.dataset.live) watch(root.dataset.live, document.querySelector("#offline"));

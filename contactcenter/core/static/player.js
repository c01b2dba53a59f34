// The player: a waveform of both channels drawn from the server's peaks, and a transcript that follows.

import { clock } from "./app.js";

const player = document.querySelector("#player");
const audio = player.querySelector("audio");
const canvas = player.querySelector("canvas");
const position = player.querySelector("[data-position]");
const shown = player.querySelector("output");
const toggle = player.querySelector("[data-toggle]");
const lines = () => [...document.querySelectorAll("#transcript li")];
const marks = [...document.querySelectorAll("#marks li, #silences li")].map(({ dataset }) => [Number(dataset.start), Number(dataset.end)]);
const seconds = Number(player.dataset.seconds);
let peaks = [];

const seek = (to) => {
  audio.currentTime = Math.max(0, Math.min(seconds, to));
  show();
};
const playOrPause = () => (audio.paused ? audio.play() : audio.pause());

function draw() {
  const ratio = devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  const paint = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const across = canvas.width / seconds;
  paint.fillStyle = style.getPropertyValue("--gap");
  paint.globalAlpha = 0.25;
  for (const [start, end] of marks) paint.fillRect(start * across, 0, Math.max(2, (end - start) * across), canvas.height);
  paint.globalAlpha = 1;
  peaks.forEach((channel, index) => drawChannel(paint, style, channel, index));
  paint.fillStyle = style.getPropertyValue("--cursor");
  paint.fillRect(audio.currentTime * across - ratio, 0, 2 * ratio, canvas.height);
}

function drawChannel(paint, style, channel, index) {
  const half = canvas.height / peaks.length;
  const middle = half * (index + 0.5);
  const bars = Math.floor(canvas.width / 3);
  const heard = (audio.currentTime / seconds) * bars;
  const colour = style.getPropertyValue(index === 0 ? "--heard-caller" : "--heard-agent");
  for (let bar = 0; bar < bars; bar += 1) {
    const from = Math.floor((bar / bars) * channel.length);
    const to = Math.max(from + 1, Math.floor(((bar + 1) / bars) * channel.length));
    const height = Math.max(1, (Math.max(...channel.slice(from, to)) / 100) * half * 0.94);
    paint.fillStyle = bar < heard ? colour : style.getPropertyValue("--unheard");
    paint.fillRect(bar * 3, middle - height / 2, 2, height);
  }
}

function show() {
  position.value = audio.currentTime;
  position.setAttribute("aria-valuetext", clock(audio.currentTime));
  shown.textContent = `${clock(audio.currentTime)} / ${clock(seconds)}`;
  toggle.setAttribute("aria-pressed", !audio.paused);
  draw();
  follow();
}

const begun = (elements, at) => elements.findLast(({ dataset }) => Number(dataset[at]) <= audio.currentTime + 0.05);

let current = null;
function follow() {
  const line = begun(lines(), "start");
  followWord(line);
  if (line === current) return;
  current?.removeAttribute("aria-current");
  current = line ?? null;
  current?.setAttribute("aria-current", "true");
  if (!audio.paused && document.querySelector("#follow")?.checked) current?.scrollIntoView({ block: "nearest" });
}

let spoken = null;
function followWord(line) {
  const word = line && begun([...line.querySelectorAll("[data-at]")], "at");
  if (word === spoken) return;
  spoken?.classList.remove("now");
  spoken = word ?? null;
  spoken?.classList.add("now");
}

function find(text) {
  const wanted = text.trim().toLowerCase();
  const found = lines().filter((line) => {
    const holds = wanted.length > 1 && line.querySelector("[data-words]").textContent.toLowerCase().includes(wanted);
    line.classList.toggle("found", holds);
    return holds;
  });
  document.querySelector("#found").textContent = wanted.length > 1 ? String(found.length) : "";
  found[0]?.scrollIntoView({ block: "nearest" });
}

player.addEventListener("click", ({ target }) => {
  const by = target.closest("[data-by]")?.dataset.by;
  if (by) seek(audio.currentTime + Number(by));
});
toggle.addEventListener("click", playOrPause);
canvas.addEventListener("click", ({ offsetX }) => seek((offsetX / canvas.clientWidth) * seconds));
position.addEventListener("input", () => seek(Number(position.value)));
player.querySelector("[data-speed]").addEventListener("change", ({ target }) => {
  audio.playbackRate = Number(target.value);
});
for (const event of ["timeupdate", "play", "pause", "seeked"]) audio.addEventListener(event, show);
document.addEventListener("click", ({ target }) => {
  const word = target.closest("[data-at]");
  if (word) {
    seek(Number(word.dataset.at));
    audio.play();
    return;
  }
  const start = target.closest("[data-start]")?.dataset.start;
  if (start && !target.closest("#player")) seek(Number(start));
});
document.querySelector("#find")?.addEventListener("input", ({ target }) => find(target.value));
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, textarea, select, button, a, summary")) return;
  const act = { " ": playOrPause, ArrowLeft: () => seek(audio.currentTime - 10), ArrowRight: () => seek(audio.currentTime + 10) }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
new ResizeObserver(draw).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

const answer = await fetch(player.dataset.peaks);
if (answer.ok) peaks = (await answer.json()).peaks;
show();

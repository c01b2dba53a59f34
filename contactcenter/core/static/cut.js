// Cutting a passage out: its times come from the player. A page on which a passage was cut since is loaded anew, so that
// nothing of it stays on a screen.

const contact = document.querySelector("#contact");
const cuts = contact.dataset.cuts;
document.addEventListener("htmx:after:swap", () => {
  if (document.querySelector("#contact").dataset.cuts !== cuts) location.reload();
});

const form = document.querySelector("#cut form");
const audio = document.querySelector("#player audio");

const written = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
const read = (text) => text.replace(",", ".").split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0);

function take(name) {
  document.querySelector("#cut").open = true;
  form.elements[name].value = written(Math.floor(audio.currentTime * 10) / 10 + (name === "end" ? 0.1 : 0));
}

let until = Infinity;
function listen() {
  const [start, end] = [read(form.elements.start.value), read(form.elements.end.value)];
  if (!(start < end)) return;
  until = end;
  audio.currentTime = start;
  audio.play();
}

if (form && audio) {
  document.addEventListener("keydown", (event) => {
    const name = { "[": "start", "]": "end" }[event.key];
    if (!name || event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    take(name);
  });
  form.querySelector("[data-check]").addEventListener("click", listen);
  audio.addEventListener("timeupdate", () => {
    if (audio.currentTime < until) return;
    until = Infinity;
    audio.pause();
  });
  audio.addEventListener("seeking", () => {
    if (audio.currentTime >= until) until = Infinity;
  });
}

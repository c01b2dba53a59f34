// The handset: places a call, lets it be heard, presses keys, hangs up.
import { Loudspeaker, Microphone } from "./sound.js";

const $ = (id) => document.getElementById(id);
const words = new Map([...$("words").content.children].map((item) => [item.value, item.textContent]));
const FINAL = new Set(["completed", "busy", "no-answer", "failed", "canceled"]);

const handset = document.querySelector(".telephone");
const speaker = new Loudspeaker((level) => { $("level").value = level; });
const microphone = new Microphone((frame) => line?.readyState === WebSocket.OPEN && line.send(frame));
let line;
let began;
let uploaded = null;
let seen = ""; // moment of the newest message that is shown

function show(state) {
  const over = FINAL.has(state);
  handset.dataset.state = state;
  $("state").textContent = words.get(`state_${state}`) ?? state;
  const away = over || state === "idle";
  $("ring").disabled = !away;
  $("hangup").disabled = away;
  document.querySelectorAll("[data-digit]").forEach((key) => { key.disabled = away; });
  if (state === "in-progress") began ??= Date.now();
  if (over) finish();
}

function finish() {
  began = undefined;
  $("level").value = 0;
  microphone.close();
  $("microphone").checked = false;
}

function complain(name, detail = "") {
  $("error").textContent = [words.get(name), detail].filter(Boolean).join(" ");
  $("error").hidden = !name;
}

function note({ heard, detail, at }) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  const text = document.createElement("span");
  time.textContent = clock(at);
  const whole = words.get(`heard_${heard}_${detail}`);
  const about = detail.startsWith("/") ? detail.split("/").at(-1) : detail; // a file's name tells enough
  text.textContent = whole ?? [words.get(`heard_${heard}`) ?? heard, about].filter(Boolean).join(": ");
  item.append(time, text);
  $("log").append(item);
  item.scrollIntoView({ block: "nearest" });
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function caller() {
  const chosen = document.querySelector("[name=caller]:checked");
  return "other" in chosen.dataset ? $("other").value.trim() : chosen.value;
}

async function post(path, body, headers = {}) {
  const answer = await fetch(path, { method: "POST", body, headers });
  const json = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw new Error(json.error ?? answer.statusText);
  return json;
}

async function audio() {
  const [file] = $("upload").files;
  if (!file) return $("conversation").value || null;
  if (uploaded?.file !== file) uploaded = { file, ...(await post("/simulator/audio", file)) };
  return uploaded.ref;
}

async function ring() {
  complain("");
  $("log").replaceChildren();
  $("clock").textContent = "0:00";
  show("ringing");
  try {
    await speaker.open();
    const spoken = await audio();
    const wish = { from: caller(), to: $("to").value, audio: spoken, agent_audio: $("agent-audio").checked };
    wish.hangup = spoken && $("after-audio").checked ? "after-audio" : null;
    if (!spoken) await listenIn();
    listen((await post("/simulator/calls", JSON.stringify(wish))).sid);
  } catch (error) {
    show("failed");
    complain("error_call", error.message);
  }
}

function listen(sid) {
  line = new WebSocket(`/telephone/audio/${sid}`);
  line.binaryType = "arraybuffer";
  line.onmessage = ({ data }) => (typeof data === "string" ? told(JSON.parse(data)) : speaker.play(data));
  line.onclose = () => {
    if (!FINAL.has(handset.dataset.state)) {
      show("failed");
      complain("error_lost");
    }
  };
}

function told(message) {
  if (message.state) show(message.state);
  if (message.heard) note(message);
}

async function listenIn() {
  try {
    await microphone.open();
    $("microphone").checked = true;
  } catch {
    $("microphone").checked = false;
    complain("error_microphone");
  }
}

function tell(message) {
  if (line?.readyState === WebSocket.OPEN) line.send(JSON.stringify(message));
}

function press(key) {
  if (!key || key.disabled) return;
  tell({ digits: key.dataset.digit });
}

function receive({ way, to, subject, body, at }) {
  const item = document.createElement("li");
  const moment = new Date(at).toLocaleTimeString(document.documentElement.lang);
  const lines = { remark: `${moment} ${words.get(`way_${way}`)}: ${to}`, subject, body };
  for (const [name, text] of Object.entries(lines).filter(([, text]) => text)) {
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    item.append(line);
  }
  $("received").prepend(item);
}

async function lookForMessages() {
  if (document.hidden) return;
  const answer = await fetch("/simulator/received").catch(() => null); // the demo may be stopped while this is open
  if (!answer?.ok) return;
  const { received } = await answer.json();
  const newest = received.at(-1)?.at ?? "";
  received.filter(({ at }) => at > seen).forEach(receive);
  seen = newest > seen ? newest : seen;
}

$("ring").addEventListener("click", ring);
$("hangup").addEventListener("click", () => tell({ hangup: true }));
$("microphone").addEventListener("change", ({ target }) => (target.checked ? listenIn() : microphone.close()));
document.querySelectorAll("[data-digit]").forEach((key) => key.addEventListener("click", () => press(key)));
document.addEventListener("keydown", ({ key, target }) => {
  if (!target.matches("input, select")) press(document.querySelector(`[data-digit="${CSS.escape(key)}"]`));
});
lookForMessages();
setInterval(lookForMessages, 2000);
setInterval(() => { if (began) $("clock").textContent = clock((Date.now() - began) / 1000); }, 500);

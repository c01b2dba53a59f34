// Single keys press what names them with data-key (Alt with the key does so while typing, too). `?` lists them.

const TYPING = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=range])";

const visible = (selector) => [...document.querySelectorAll(selector)].find((element) => element.checkVisibility());

function press(element) {
  if (!element || element.disabled) return false;
  if (element.matches("input, select, textarea")) element.focus();
  else element.click();
  return true;
}

function withModifier(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.form?.requestSubmit();
    return true;
  }
  if (!event.altKey || event.ctrlKey || event.metaKey) return false;
  return press(visible(`[data-key="${CSS.escape(event.code.replace(/^Key/, "").toLowerCase())}"]`));
}

function plain(event) {
  if (event.key === "Escape") return event.target.blur?.();
  if (event.target.matches(TYPING) || document.querySelector("dialog[open]")) return false;
  if (event.key === "?") return document.querySelector("#keys")?.showModal() ?? true;
  if (event.key === "/") return press(visible("[data-search]"));
  if (event.key === "Enter") return event.target === document.body && press(visible("[data-key-enter]"));
  return press(visible(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`));
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat) return;
  const modified = event.altKey || event.ctrlKey || event.metaKey;
  if (modified ? withModifier(event) : plain(event)) event.preventDefault();
});

// Server-sent events become events on the body, such as `live:queue`; panels listen for them with hx-trigger.
// After every (re)connection `live:open` lets all panels look again, so that nothing missed stays unseen.

const KINDS = ["queue", "staff", "contact", "operations"];
const AGAIN_MS = 3000;

const tell = (kind, subject) =>
  document.body.dispatchEvent(new CustomEvent(`live:${kind}`, { detail: subject, bubbles: true }));

export function watch(path, offline) {
  const source = new EventSource(path);
  source.onopen = () => {
    offline.hidden = true;
    tell("open");
  };
  source.onerror = () => {
    offline.hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(() => watch(path, offline), AGAIN_MS);
  };
  source.addEventListener("ended", () => {  // too many windows are open: this one goes on when somebody looks at it
    source.close();
    offline.hidden = false;
    addEventListener("focus", () => watch(path, offline), { once: true });
  });
  for (const kind of KINDS) source.addEventListener(kind, (event) => tell(kind, event.data));
  addEventListener("pagehide", () => source.close(), { once: true });
}

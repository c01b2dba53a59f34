// The browser's telephone: one port, two adapters. The server's token endpoint names the adapter.
//   await phone.register()   prepare: fetch a token, make the adapter
//   await phone.answer(call) join the call with this public id; with the click or key that asked for it
//   phone.hangup(), phone.mute(on), phone.state: "closed" | "connecting" | "open"
// It dispatches `state` whenever that changes. An adapter offers connect(call), hangup(), mute(on), renew(grant).

const ADAPTERS = { stream: "./softphone_stream.js", twilio: "./softphone_twilio.js" };
const RENEW_AT = 0.8; // of a token's life

export class Softphone extends EventTarget {
  state = "closed";
  #adapter = null;

  constructor(tokenPath) {
    super();
    this.tokenPath = tokenPath;
  }

  async register() {
    const grant = await this.#grant();
    const { Adapter } = await import(ADAPTERS[grant.adapter]);
    this.#adapter = new Adapter(grant, (state) => this.#become(state));
  }

  async answer(call) {
    if (!this.#adapter) await this.register();
    this.#become("connecting");
    await this.#adapter.connect(call);
  }

  hangup() {
    this.#adapter?.hangup();
    this.#become("closed");
  }

  mute(on) {
    this.#adapter?.mute(on);
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  async #grant() {
    const answer = await fetch(this.tokenPath, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The softphone got no token (${answer.status}).`);
    const grant = await answer.json();
    setTimeout(async () => this.#adapter?.renew(await this.#grant()), grant.lasts_seconds * 1000 * RENEW_AT);
    return grant;
  }
}

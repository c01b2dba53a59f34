// Softphone on the carrier's SDK. Its sounds would come from the carrier's servers: they are replaced by silence.

const vendor = new URL("./vendor/twilio.min.js", import.meta.url);
const silence = new URL("./silence.wav", import.meta.url).href;
const SOUNDS = ["incoming", "outgoing", "disconnect", "dtmfh", "dtmfs", ...Array.from({ length: 10 }, (_, n) => `dtmf${n}`)];

const library = () => globalThis.Twilio ?? new Promise((resolve, reject) => {
  const script = Object.assign(document.createElement("script"), { src: vendor });
  script.onload = () => resolve(globalThis.Twilio);
  script.onerror = () => reject(new Error("The carrier's SDK is not installed."));
  document.head.append(script);
});

export class Adapter {
  #device = null;
  #call = null;

  constructor(grant, onState) {
    this.grant = grant;
    this.onState = onState;
  }

  renew(grant) {
    this.grant = grant;
    this.#device?.updateToken(grant.token);
  }

  async connect(call) {
    this.#call?.disconnect();
    this.#call = await (await this.#ready()).connect({ params: { call } });
    this.#call.on("accept", () => this.onState("open"));
    for (const end of ["disconnect", "cancel", "reject", "error"]) this.#call.on(end, () => this.onState("closed"));
  }

  hangup() {
    this.#call?.disconnect();
    this.#call = null;
  }

  mute(on) {
    this.#call?.mute(on);
  }

  async #ready() {
    const { Device } = await library();
    const sounds = Object.fromEntries(SOUNDS.map((name) => [name, silence]));
    this.#device ??= new Device(this.grant.token, {
      sounds,
      closeProtection: false,
      codecPreferences: ["opus", "pcmu"],
      ...(this.grant.edge && { edge: this.grant.edge }), // else the nearest, which a token of another region can't use
    });
    return this.#device;
  }
}

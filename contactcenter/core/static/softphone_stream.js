// Softphone over a WebSocket: 8 kHz, 16-bit little-endian mono frames of 20 ms both ways, JSON for everything else.

export const RATE = 8000;
const worklet = new URL("./softphone_worklet.js", import.meta.url);

export class Adapter {
  #socket = null;
  #audio = null;
  #microphone = null;
  #speaker = null;

  constructor(grant, onState) {
    this.renew(grant);
    this.onState = onState;
  }

  renew(grant) {
    this.grant = grant;
  }

  async connect(call) {
    this.hangup();
    const audio = new AudioContext({ sampleRate: RATE }); // made at once: the key press allows it to sound
    this.#audio = audio;
    await audio.audioWorklet.addModule(worklet);
    this.#speaker = new AudioWorkletNode(audio, "line", { numberOfInputs: 1, outputChannelCount: [1] });
    this.#speaker.connect(audio.destination);
    this.#open(call);
    await this.#listen();
  }

  hangup() {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ hangup: true }));
    this.#close();
  }

  mute(on) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ mute: on }));
    for (const track of this.#microphone?.getTracks() ?? []) track.enabled = !on;
  }

  #open(call) {
    const address = new URL(this.grant.url, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.searchParams.set("token", this.grant.token);
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify({ connect: { call } }));
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.#heard(JSON.parse(data));
      else this.#speaker?.port.postMessage(data, [data]);
    };
    socket.onclose = () => socket === this.#socket && this.#close();
    this.#speaker.port.onmessage = ({ data }) => socket.readyState === WebSocket.OPEN && socket.send(data);
    this.#socket = socket;
  }

  #heard(message) {
    if (message.state === "closed") this.#close();
    else if (message.state) this.onState(message.state);
  }

  async #listen() {
    try {
      const wanted = { echoCancellation: true, noiseSuppression: true, channelCount: 1 };
      this.#microphone = await navigator.mediaDevices.getUserMedia({ audio: wanted });
      this.#audio?.createMediaStreamSource(this.#microphone).connect(this.#speaker);
    } catch (error) {
      console.info(`No microphone (${error.name}): this desk only listens.`);
    }
  }

  #close() {
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#audio?.close();
    this.#socket?.close();
    this.#socket = this.#audio = this.#microphone = this.#speaker = null;
    this.onState("closed");
  }
}

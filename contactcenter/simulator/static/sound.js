// Sound of the telephone line: 16-bit samples at 8 kHz, in and out of the browser.
const RATE = 8000;

/** Plays frames as they come; `onLevel` hears how loud they are, 0 to 1. */
export class Loudspeaker {
  constructor(onLevel) {
    this.onLevel = onLevel;
  }

  /** Must be called from a click, or the browser stays silent. */
  async open() {
    if (this.context) return;
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule(new URL("worklets.js", import.meta.url));
    this.node = new AudioWorkletNode(this.context, "line-speaker", { outputChannelCount: [1] });
    this.node.connect(this.context.destination);
  }

  play(buffer) {
    const samples = new Int16Array(buffer);
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    this.onLevel(peak / 32768);
    this.node?.port.postMessage(samples);
  }

  async close() {
    await this.context?.close();
    this.context = this.node = undefined;
  }
}

/** Gives frames of 160 samples from the microphone to `onFrame`. */
export class Microphone {
  constructor(onFrame) {
    this.onFrame = onFrame;
  }

  async open() {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true } });
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule(new URL("worklets.js", import.meta.url));
    this.node = new AudioWorkletNode(this.context, "line-microphone", { numberOfOutputs: 0 });
    this.node.port.onmessage = ({ data }) => this.onFrame(data);
    this.context.createMediaStreamSource(this.stream).connect(this.node);
  }

  async close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    await this.context?.close();
    this.stream = this.context = this.node = undefined;
  }
}

export { RATE };

// Runs in the audio thread: plays frames that come in, and cuts what the microphone gives into frames of 20 ms.

const FRAME = 160; // samples of 20 ms at 8 kHz
const LATEST = 25; // frames that may wait (half a second); older sound is dropped rather than heard late

class Line extends AudioWorkletProcessor {
  #waiting = [];
  #at = 0;
  #frame = new Int16Array(FRAME);
  #filled = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      this.#waiting.push(new Int16Array(data));
      if (this.#waiting.length > LATEST) this.#waiting.splice(0, this.#waiting.length - LATEST / 5);
    };
  }

  process([[microphone]], [[speaker]]) {
    for (let i = 0; i < speaker.length; i += 1) speaker[i] = this.#next();
    for (const sample of microphone ?? []) this.#take(sample);
    return true;
  }

  #next() {
    const frame = this.#waiting[0];
    if (!frame) return 0;
    const sample = frame[this.#at] / 32768;
    this.#at += 1;
    if (this.#at === frame.length) {
      this.#waiting.shift();
      this.#at = 0;
    }
    return sample;
  }

  #take(sample) {
    this.#frame[this.#filled] = Math.max(-1, Math.min(1, sample)) * 32767;
    this.#filled += 1;
    if (this.#filled < FRAME) return;
    this.port.postMessage(this.#frame.buffer, [this.#frame.buffer]);
    this.#frame = new Int16Array(FRAME);
    this.#filled = 0;
  }
}

registerProcessor("line", Line);

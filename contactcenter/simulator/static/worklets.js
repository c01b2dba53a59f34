// Runs in the audio thread: between the browser's rate and the 8 kHz of the line.
const LINE = 8000;
const FRAME = 160;
const CUSHION = 0.08;
const MOST = 1.0;

class LineSpeaker extends AudioWorkletProcessor {
  constructor() {
    super();
    this.waiting = [];
    this.length = 0;
    this.position = 0;
    this.playing = false;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(samples) {
    this.waiting.push(samples);
    this.length += samples.length;
    while (this.length > MOST * LINE) this.drop();
    if (this.length > CUSHION * LINE) this.playing = true;
  }

  drop() {
    this.length -= this.waiting.shift().length;
    this.position = 0;
  }

  at(index) {
    for (const samples of this.waiting) {
      if (index < samples.length) return samples[index] / 32768;
      index -= samples.length;
    }
    return 0;
  }

  process(_inputs, [[out]]) {
    for (let i = 0; i < out.length; i++) out[i] = this.playing ? this.next() : 0;
    return true;
  }

  next() {
    const whole = Math.floor(this.position);
    const part = this.position - whole;
    const value = this.at(whole) * (1 - part) + this.at(whole + 1) * part;
    this.position += LINE / sampleRate;
    if (this.waiting.length && this.position >= this.waiting[0].length) {
      this.position -= this.waiting[0].length;
      this.length -= this.waiting.shift().length;
    }
    if (!this.waiting.length) {
      this.playing = false;
      this.position = 0;
    }
    return value;
  }
}

class LineMicrophone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.sum = 0;
    this.count = 0;
    this.phase = 0;
  }

  process([[input]]) {
    for (const value of input ?? []) this.take(value);
    return true;
  }

  // Averages what falls into one sample of the line, which keeps most of what is above 4 kHz out.
  take(value) {
    this.sum += value;
    this.count += 1;
    this.phase += LINE / sampleRate;
    if (this.phase < 1) return;
    this.phase -= 1;
    const mean = Math.max(-1, Math.min(1, this.sum / this.count));
    this.frame[this.filled++] = Math.round(mean * 32767);
    this.sum = this.count = 0;
    if (this.filled < FRAME) return;
    this.port.postMessage(this.frame.buffer, [this.frame.buffer]);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
  }
}

registerProcessor("line-speaker", LineSpeaker);
registerProcessor("line-microphone", LineMicrophone);

/** The sound of one example: four signals that play in step, of which one is heard. */

import { Fader } from "../common/fader";

export const SIGNALS = ["mixture", "truth", "estimate", "wrong"] as const;

export type Signal = (typeof SIGNALS)[number];

export type Buffers = Record<Signal, AudioBuffer>;

const FADE_S = 0.015;

/** Their common gain: 1, or what brings the highest of their peaks down to full scale. */
export function gainOf(buffers: Buffers): number {
  const peaks = SIGNALS.flatMap((signal) => channels(buffers[signal]).map(peakOf));
  return 1 / Math.max(1, ...peaks);
}

function channels(buffer: AudioBuffer): Float32Array[] {
  return Array.from({ length: buffer.numberOfChannels }, (_, channel) => buffer.getChannelData(channel));
}

function peakOf(samples: Float32Array): number {
  return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

/** Some unbroken stretch of listening, the same when it is heard and when it is rendered. */
export class Run {
  private readonly sources: AudioBufferSourceNode[] = [];
  private readonly faders = {} as Record<Signal, Fader>;
  private readonly whole: Fader;
  private readonly output: GainNode;

  /** Begin at `offset` seconds, at the time `at` of the context. */
  constructor(
    private readonly context: BaseAudioContext,
    buffers: Buffers,
    heard: Signal,
    readonly at: number,
    readonly offset: number,
  ) {
    this.output = new GainNode(context);
    this.output.connect(context.destination);
    this.whole = new Fader(context, this.output.gain, gainOf(buffers));
    const end = Math.min(...SIGNALS.map((signal) => buffers[signal].duration));
    for (const signal of SIGNALS) {
      const gain = new GainNode(context);
      gain.connect(this.output);
      this.faders[signal] = new Fader(context, gain.gain, signal === heard ? 1 : 0);
      const source = new AudioBufferSourceNode(context, { buffer: buffers[signal], loop: true, loopEnd: end });
      source.connect(gain);
      source.start(at, offset);
      this.sources.push(source);
    }
  }

  hear(heard: Signal): void {
    for (const signal of SIGNALS) this.faders[signal].moveTo(signal === heard ? 1 : 0, FADE_S);
  }

  stop(): void {
    this.whole.moveTo(0, FADE_S);
    for (const source of this.sources) source.stop(this.context.currentTime + 2 * FADE_S);
    setTimeout(() => this.output.disconnect(), 200);
  }
}

/** Plays one example again and again, and switches between its signals without losing the place. */

import { Run, type Buffers, type Signal } from "./excerpt";
import type { Heard, Sounds } from "./sounds";

const LEAD_S = 0.05; // between a wish and its sound

export class Player {
  signal: Signal = "estimate";
  chosen: Heard | null = null;
  buffers: Buffers | null = null; // of what is chosen, once they are there
  playing = false;
  private run: Run | null = null;
  private resting = 0; // s, where the next run begins
  private context: AudioContext | null = null;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly sounds: Sounds,
    private readonly fail: (error: unknown) => void,
  ) {}

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** In seconds of the example. */
  get position(): number {
    if (!this.run || !this.context || !this.buffers) return this.resting;
    const passed = Math.max(0, this.context.currentTime - this.run.at);
    return (this.run.offset + passed) % this.buffers.mixture.duration;
  }

  /** Play another example from its beginning, or go on with this one. */
  async play(heard: Heard | null = this.chosen): Promise<void> {
    if (!heard || (this.playing && heard === this.chosen)) return;
    this.context ??= new AudioContext();
    this.run?.stop();
    this.run = null;
    if (heard !== this.chosen) Object.assign(this, { chosen: heard, buffers: null, resting: 0 });
    this.playing = true;
    this.tell();
    try {
      const [buffers] = await Promise.all([this.sounds.load(heard), this.context.resume()]);
      if (this.chosen !== heard) return;
      this.buffers = buffers;
      if (this.playing && !this.run) this.begin(this.context, buffers);
    } catch (error) {
      if (this.chosen === heard) this.pause();
      this.fail(error);
    }
    this.tell();
  }

  pause(): void {
    this.resting = this.position;
    this.run?.stop();
    this.run = null;
    this.playing = false;
    this.tell();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  hear(signal: Signal): void {
    this.signal = signal;
    this.run?.hear(signal);
    this.tell();
  }

  private begin(context: AudioContext, buffers: Buffers): void {
    this.run = new Run(context, buffers, this.signal, context.currentTime + LEAD_S, this.resting);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** One ear: its filter, which can be exchanged while it sounds, and its part of the balance. */

import { Fader } from "../common/fader";

/** The impulse response for a strength of 0 to 1. */
export type Responses = (strength: number) => Float32Array<ArrayBuffer>;

interface Filter {
  convolver: ConvolverNode;
  gain: GainNode;
  fader: Fader;
}

export class Ear {
  readonly output: GainNode;
  readonly balance: Fader;
  private readonly input: GainNode;
  private current: Filter;
  private next: Filter | null = null;

  constructor(
    private readonly context: BaseAudioContext,
    source: AudioNode,
    channel: number,
    private readonly responses: Responses,
    strength: number,
  ) {
    this.input = context.createGain();
    source.connect(this.input, channel);
    this.output = context.createGain();
    this.balance = new Fader(context, this.output.gain, 1);
    this.current = this.filter(strength, 1);
  }

  /** Let another filter hear what comes, still in silence. */
  prepare(strength: number): void {
    this.next = this.filter(strength, 0);
  }

  /** Fade from the filter that is heard to the one that was prepared. */
  crossfade(seconds: number, start: number): void {
    this.current.fader.moveTo(0, seconds, start);
    this.next?.fader.moveTo(1, seconds, start);
  }

  /** Throw away the filter that is no longer heard. */
  settle(): void {
    if (!this.next) return;
    this.input.disconnect(this.current.convolver);
    this.current.gain.disconnect();
    this.current = this.next;
    this.next = null;
  }

  private filter(strength: number, gain: number): Filter {
    const response = this.responses(strength);
    const buffer = this.context.createBuffer(1, response.length, this.context.sampleRate);
    buffer.copyToChannel(response, 0);
    const convolver = this.context.createConvolver();
    convolver.normalize = false;
    convolver.buffer = buffer;
    const fade = this.context.createGain();
    this.input.connect(convolver).connect(fade).connect(this.output);
    return { convolver, gain: fade, fader: new Fader(this.context, fade.gain, gain) };
  }
}

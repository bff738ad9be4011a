/** One ear: its filter, which can be exchanged while it sounds, and its part of the balance. */

import { Fader } from "./fader";

const CROSSFADE_S = 0.05;

/** The response for a strength of 0 to 1. */
export type Responses = (strength: number) => Float32Array<ArrayBuffer>;

interface Filter {
  strength: number;
  convolver: ConvolverNode;
  gain: GainNode;
  fader: Fader;
}

export class Ear {
  readonly output: GainNode;
  private readonly balance: Fader;
  private readonly input: GainNode;
  private current: Filter;
  private wanted: number;
  private exchanging = false;

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
    this.wanted = strength;
    this.current = this.filter(strength, 1);
  }

  setBalance(factor: number): void {
    this.balance.moveTo(factor);
  }

  setStrength(strength: number): void {
    this.wanted = strength;
    if (!this.exchanging && strength !== this.current.strength) this.exchange();
  }

  private filter(strength: number, gain: number): Filter {
    const response = this.responses(strength);
    const convolver = this.context.createConvolver();
    convolver.normalize = false;
    const buffer = this.context.createBuffer(1, response.length, this.context.sampleRate);
    buffer.copyToChannel(response, 0);
    convolver.buffer = buffer;
    const fade = this.context.createGain();
    this.input.connect(convolver).connect(fade).connect(this.output);
    return { strength, convolver, gain: fade, fader: new Fader(this.context, fade.gain, gain) };
  }

  /** Fade from the filter that is heard to a new one, once that has heard as much as it is long. */
  private exchange(): void {
    const old = this.current;
    this.current = this.filter(this.wanted, 0);
    const length = this.current.convolver.buffer?.duration ?? 0;
    const start = this.context.currentTime + length + 0.02;
    this.current.fader.moveTo(1, CROSSFADE_S, start);
    old.fader.moveTo(0, CROSSFADE_S, start);
    this.exchanging = true;
    setTimeout(() => this.exchanged(old), 1000 * (length + CROSSFADE_S + 0.1));
  }

  private exchanged(old: Filter): void {
    this.input.disconnect(old.convolver);
    old.gain.disconnect();
    this.exchanging = false;
    this.setStrength(this.wanted);
  }
}

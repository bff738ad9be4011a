/** Some unbroken stretch of listening: from a press of play, or a jump, to the next. */

import { Fader } from "../common/fader";
import type { Segment } from "./segments";

/** A part of one segment, and when it sounds; all in frames. */
export interface Piece {
  first: number; // of the song
  end: number; // of the song, exclusive
  at: number; // of the context
}

const HALF_CROSSFADE = 240; // frames: 5 ms

/** Of a shorter piece the fades would meet. */
export const SHORTEST_PIECE = 2 * HALF_CROSSFADE;

export class Run {
  readonly pieces: Piece[] = [];
  private readonly gains: GainNode[];
  private readonly faders: Fader[];

  constructor(
    private readonly context: BaseAudioContext,
    inputs: AudioNode[],
    private readonly songFrames: number,
  ) {
    this.gains = inputs.map((input) => {
      const gain = new GainNode(context, { channelCount: 2, channelCountMode: "explicit" });
      gain.connect(input);
      return gain;
    });
    this.faders = this.gains.map((gain) => new Fader(context, gain.gain, 1));
  }

  /** Let a piece sound, 5 ms of what lies before and after it faded in and out. */
  add(piece: Piece, segment: Segment): void {
    this.pieces.push(piece);
    segment.buffers.forEach((buffer, stream) => {
      if (buffer) this.addStream(piece, segment.first, buffer, this.gains[stream]);
    });
  }

  /** Be silent from a frame of the context on, around which it is faded out. */
  stop(at: number): void {
    const rate = this.context.sampleRate;
    for (const fader of this.faders) {
      fader.moveTo(0, (2 * HALF_CROSSFADE) / rate, (at - HALF_CROSSFADE) / rate);
    }
    const left = (at + HALF_CROSSFADE) / rate - this.context.currentTime;
    setTimeout(() => this.gains.forEach((gain) => gain.disconnect()), 1000 * left + 50);
  }

  /** Which frame of the song sounds at a frame of the context. */
  positionAt(at: number): number {
    const begun = this.pieces.filter((piece) => piece.at <= at);
    const piece = begun[begun.length - 1] ?? this.pieces[0];
    const into = Math.max(0, at - piece.at);
    return Math.min(piece.first + into, piece.end);
  }

  private addStream({ first, end, at }: Piece, bufferFirst: number, buffer: AudioBuffer, target: AudioNode): void {
    const rate = this.context.sampleRate;
    const lead = Math.min(HALF_CROSSFADE, first, at);
    const trail = Math.min(HALF_CROSSFADE, this.songFrames - end);
    // Silent at first, as a source may begin a frame before its ramp where times are rounded.
    const silentAtFirst = { gain: lead > 0 ? 0 : 1 };
    const gain = new GainNode(this.context, { ...silentAtFirst, channelCount: 2, channelCountMode: "explicit" });
    gain.connect(target);
    if (lead > 0) rise(gain.gain, 0, 1, (at - lead) / rate, (at + lead) / rate);
    if (trail > 0) rise(gain.gain, 1, 0, (at + end - first - trail) / rate, (at + end - first + trail) / rate);
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.onended = () => gain.disconnect();
    source.connect(gain);
    source.start((at - lead) / rate, (first - lead - bufferFirst) / rate, (end - first + lead + trail) / rate);
  }
}

function rise(param: AudioParam, from: number, to: number, start: number, end: number): void {
  param.setValueAtTime(from, start);
  param.linearRampToValueAtTime(to, end);
}

/** All that the sound passes through, the same when it is heard and when it is rendered. */

import { SIDES, type PageData } from "./data";
import { amplitudeOf } from "./decibels";
import { Ear, type Responses } from "./ear";
import { halfLength } from "./ear_filter";
import { Fader } from "../common/fader";
import { limiterDelay } from "./limiter";
import type { Settings } from "./settings";
import limiterCode from "worklet:limiter_worklet.ts";

const CHANGE_S = 0.02; // how long a change of level takes
const EXCHANGE_S = 0.05; // how long the fade from one filter to another takes

export type Version = "before" | "after";

/** By how many frames a graph delays. */
export function graphDelay(rate: number): number {
  return halfLength(rate) + limiterDelay(rate);
}

export class Graph {
  /** One for each stream. */
  readonly inputs: GainNode[];
  private readonly stemGains: Fader[] = [];
  private readonly ears: Ear[];
  private readonly offset: Fader;
  private readonly beforeOffset: Fader;
  private readonly versions: Record<Version, Fader>;
  private wanted: Settings;
  private strength: number;
  private exchanging = false;

  /** Throws where the browser has no AudioWorklet: without a limiter nothing shall be heard. */
  static async create(
    context: BaseAudioContext,
    data: PageData,
    responses: Record<"left" | "right", Responses>,
    settings: Settings,
  ): Promise<Graph> {
    await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(limiterCode)}`);
    return new Graph(context, data, responses, settings);
  }

  private constructor(
    private readonly context: BaseAudioContext,
    data: PageData,
    responses: Record<"left" | "right", Responses>,
    settings: Settings,
  ) {
    this.wanted = settings;
    this.strength = settings.strength;
    const limiter = this.limiter(data.ceiling_dbtp);
    const stems = this.stereoGain();
    const song = this.stereoGain();
    this.inputs = data.streams.map(() => this.input(stems, song));
    const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
    const merger = new ChannelMergerNode(context, { numberOfInputs: 2 });
    stems.connect(splitter);
    this.ears = SIDES.map((side, channel) => {
      const ear = new Ear(context, splitter, channel, responses[side], settings.strength);
      ear.output.connect(merger, 0, channel);
      return ear;
    });
    const delay = new DelayNode(context, { delayTime: halfLength(context.sampleRate) / context.sampleRate });
    song.connect(delay);
    const after = this.levelled(merger, limiter, 1);
    const before = this.levelled(delay, limiter, 0);
    this.offset = after.offset;
    this.beforeOffset = before.offset;
    this.versions = { before: before.version, after: after.version };
    this.set(settings);
  }

  /** Pass the sound through other settings; what comes during an exchange of filters waits. */
  set(settings: Settings): void {
    this.wanted = settings;
    if (this.exchanging) return;
    if (settings.strength === this.strength) this.move(settings, CHANGE_S, this.context.currentTime);
    else this.exchange(settings);
  }

  hear(version: Version): void {
    this.versions.before.moveTo(version === "before" ? 1 : 0, CHANGE_S);
    this.versions.after.moveTo(version === "after" ? 1 : 0, CHANGE_S);
  }

  /** New filters are heard once they have heard as much as they are long, all levels with them. */
  private exchange(settings: Settings): void {
    this.exchanging = true;
    this.strength = settings.strength;
    for (const ear of this.ears) ear.prepare(settings.strength);
    const length = (2 * halfLength(this.context.sampleRate) + 1) / this.context.sampleRate;
    const start = this.context.currentTime + length + CHANGE_S;
    for (const ear of this.ears) ear.crossfade(EXCHANGE_S, start);
    this.move(settings, EXCHANGE_S, start);
    setTimeout(() => this.exchanged(), 1000 * (length + CHANGE_S + EXCHANGE_S + 0.05));
  }

  private exchanged(): void {
    for (const ear of this.ears) ear.settle();
    this.exchanging = false;
    this.set(this.wanted);
  }

  private move(settings: Settings, seconds: number, start: number): void {
    settings.gains.forEach((gain, i) => this.stemGains[i].moveTo(gain, seconds, start));
    SIDES.forEach((side, i) => this.ears[i].balance.moveTo(amplitudeOf(settings[`${side}_db`]), seconds, start));
    this.offset.moveTo(amplitudeOf(settings.offset_db), seconds, start);
    this.beforeOffset.moveTo(amplitudeOf(settings.before_offset_db), seconds, start);
  }

  private limiter(ceilingDb: number): AudioNode {
    const ceiling = Math.fround(amplitudeOf(ceilingDb) * (1 - 2 ** -23)); // never rounded upwards
    const limiter = new AudioWorkletNode(this.context, "limiter", {
      outputChannelCount: [2],
      channelCount: 2,
      channelCountMode: "explicit",
      processorOptions: { ceiling },
    });
    limiter.connect(this.context.destination);
    return limiter;
  }

  /** A stream's way into the mix, with its gain, and into the song as it was. */
  private input(stems: AudioNode, song: AudioNode): GainNode {
    const input = this.stereoGain();
    const gain = this.stereoGain();
    this.stemGains.push(new Fader(this.context, gain.gain, 1));
    input.connect(gain).connect(stems);
    input.connect(song);
    return input;
  }

  /** A version's own level, and whether it is heard. */
  private levelled(source: AudioNode, target: AudioNode, heard: number): { offset: Fader; version: Fader } {
    const offset = this.stereoGain();
    const version = this.stereoGain();
    source.connect(offset).connect(version).connect(target);
    return { offset: new Fader(this.context, offset.gain, 1), version: new Fader(this.context, version.gain, heard) };
  }

  private stereoGain(): GainNode {
    return new GainNode(this.context, { channelCount: 2, channelCountMode: "explicit" });
  }
}

/** All that the sound passes through, the same when it is heard and when it is rendered. */

import { SIDES, type PageData } from "./data";
import { amplitudeOf } from "./decibels";
import { Ear, type Responses } from "./ear";
import { halfLength } from "./ear_filter";
import { Fader } from "./fader";
import { limiterDelay } from "./limiter";
import type { Settings } from "./settings";
import limiterCode from "worklet:limiter_worklet.ts";

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
    const limiter = this.limiter(data.ceiling_dbtp);
    const stems = this.stereoGain();
    const song = this.stereoGain();
    this.inputs = data.streams.map(() => this.stereoGain());
    for (const input of this.inputs) {
      const gain = this.stereoGain();
      this.stemGains.push(new Fader(context, gain.gain, 1));
      input.connect(gain).connect(stems);
      input.connect(song);
    }
    const splitter = context.createChannelSplitter(2);
    const merger = context.createChannelMerger(2);
    stems.connect(splitter);
    this.ears = SIDES.map((side, channel) => {
      const ear = new Ear(context, splitter, channel, responses[side], settings.strength);
      ear.output.connect(merger, 0, channel);
      return ear;
    });
    const half = halfLength(context.sampleRate) / context.sampleRate;
    const delay = context.createDelay(1);
    delay.delayTime.value = half;
    song.connect(delay);
    const after = this.offsetAndSwitch(merger, limiter, 1);
    const before = this.offsetAndSwitch(delay, limiter, 0);
    this.offset = after.offset;
    this.beforeOffset = before.offset;
    this.versions = { before: before.version, after: after.version };
    this.set(settings);
  }

  set(settings: Settings): void {
    settings.gains.forEach((gain, i) => this.stemGains[i].moveTo(gain));
    SIDES.forEach((side, i) => {
      this.ears[i].setStrength(settings.strength);
      this.ears[i].setBalance(amplitudeOf(settings[`${side}_db`]));
    });
    this.offset.moveTo(amplitudeOf(settings.offset_db));
    this.beforeOffset.moveTo(amplitudeOf(settings.before_offset_db));
  }

  hear(version: Version): void {
    this.versions.before.moveTo(version === "before" ? 1 : 0);
    this.versions.after.moveTo(version === "after" ? 1 : 0);
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

  private offsetAndSwitch(source: AudioNode, target: AudioNode, heard: number): { offset: Fader; version: Fader } {
    const offset = this.stereoGain();
    const version = this.stereoGain();
    source.connect(offset).connect(version).connect(target);
    return { offset: new Fader(this.context, offset.gain, 1), version: new Fader(this.context, version.gain, heard) };
  }

  private stereoGain(): GainNode {
    return new GainNode(this.context, { channelCount: 2, channelCountMode: "explicit" });
  }
}

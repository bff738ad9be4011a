/** Plays the song, or a passage again and again, and knows where it is. */

import type { PageData } from "./data";
import type { Graph } from "./graph";
import { Run, SHORTEST_PIECE, type Piece } from "./run";
import type { Segment, Segments } from "./segments";

export interface Loop {
  on: boolean;
  first: number; // frames of the song
  end: number;
}

const LEAD_S = 0.04; // between a wish and its sound, so that what is asked for comes in time
const AHEAD_S = 2.5; // what is scheduled ahead: browsers let hidden pages work once a second
const TICK_MS = 200;
const SHORTEST_LOOP_S = 0.5;

export class Player {
  readonly loop: Loop;
  private run: Run | null = null;
  private next: { at: number; frame: number } | null = null; // what to schedule; null at the song's end
  private restingAt = 0; // the position while nothing plays
  private ticking = 0;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly data: PageData,
    private readonly segments: Segments,
    private readonly context: AudioContext,
    private readonly graph: Graph,
    private readonly fail: (error: unknown) => void,
  ) {
    this.loop = { on: false, first: 0, end: data.frames };
    this.prefetch(0);
  }

  get playing(): boolean {
    return this.ticking !== 0;
  }

  /** In frames of the song. */
  get position(): number {
    return this.playing && this.run?.pieces.length ? this.run.positionAt(this.now) : this.restingAt;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  async play(): Promise<void> {
    if (this.playing) return;
    this.ticking = window.setInterval(() => this.tick(), TICK_MS);
    this.tell();
    await this.context.resume();
    if (this.playing) this.startAt(this.restingAt);
  }

  pause(): void {
    if (!this.playing) return;
    this.restAt(this.position);
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  seek(frame: number): void {
    const within = Math.round(Math.min(Math.max(0, frame), this.data.frames - 1));
    this.restingAt = within;
    if (this.playing && this.context.state === "running") this.startAt(within);
    else this.prefetch(within);
    this.tell();
  }

  setLoop(change: Partial<Loop>): void {
    const { frames, sample_rate } = this.data;
    const loop = { ...this.loop, ...change };
    if (loop.first >= loop.end) Object.assign(loop, change.first === undefined ? { first: 0 } : { end: frames });
    const shortest = Math.min(frames, SHORTEST_LOOP_S * sample_rate);
    this.loop.on = loop.on;
    this.loop.first = Math.round(Math.min(loop.first, frames - shortest));
    this.loop.end = Math.round(Math.max(loop.end, this.loop.first + shortest));
    this.seek(this.position);
  }

  private get now(): number {
    return Math.round(this.context.currentTime * this.context.sampleRate);
  }

  private get lead(): number {
    return Math.round(LEAD_S * this.context.sampleRate);
  }

  /** Play from there on; what played until now goes on until that is heard. */
  private startAt(frame: number): void {
    const at = this.now + this.lead;
    const old = this.run;
    const goesOn = old?.pieces.length && Math.abs(frame - old.positionAt(this.now)) < this.lead;
    this.run?.stop(at);
    this.run = new Run(this.context, this.graph.inputs, this.data.frames);
    this.next = { at, frame: this.withinLoop(goesOn ? old.positionAt(at) : frame) };
    this.schedule();
  }

  private restAt(frame: number): void {
    clearInterval(this.ticking);
    this.ticking = 0;
    this.restingAt = frame >= this.data.frames ? 0 : frame;
    this.run?.stop(this.now + this.lead / 2);
    this.run = null;
    setTimeout(() => !this.playing && void this.context.suspend(), 500);
    this.prefetch(this.restingAt);
    this.tell();
  }

  private tick(): void {
    if (this.next === null && this.position >= this.data.frames) this.restAt(0);
    else this.schedule();
  }

  private schedule(): void {
    while (this.run && this.next && this.next.at < this.now + AHEAD_S * this.context.sampleRate) {
      const index = this.segments.indexAt(this.next.frame);
      this.prefetch(this.next.frame);
      const segment = this.segments.ready(index);
      if (!segment) return;
      this.scheduleFrom(segment, index, this.run, this.next);
    }
  }

  private scheduleFrom(segment: Segment, index: number, run: Run, next: { at: number; frame: number }): void {
    const at = Math.max(next.at, this.now + this.lead / 2); // later where the sound came too late
    const loops = this.loop.on && next.frame < this.loop.end;
    const end = this.endOf(index, next.frame, loops ? this.loop.end : this.data.frames);
    const piece: Piece = { first: next.frame, end, at };
    run.add(piece, segment);
    const goesOn = loops && end === this.loop.end ? this.loop.first : end;
    this.next = goesOn < this.data.frames ? { at: at + end - next.frame, frame: goesOn } : null;
  }

  /** Where a piece ends: with its segment, but it may reach into the next, so that none is too short to be faded. */
  private endOf(index: number, first: number, last: number): number {
    const end = Math.max(this.segments.endOf(index), first + SHORTEST_PIECE);
    return end + SHORTEST_PIECE > last ? last : end;
  }

  private withinLoop(frame: number): number {
    const outside = this.loop.on && (frame >= this.loop.end || frame < this.loop.first);
    return Math.min(outside ? this.loop.first : frame, this.data.frames - 1);
  }

  /** Load what will be heard soon, and let go of the rest. */
  private prefetch(frame: number): void {
    const index = this.segments.indexAt(frame);
    const wanted = new Set([index, index + 1, index + 2].filter((near) => near < this.data.segments));
    wanted.add(this.segments.indexAt(this.loop.on ? this.loop.first : frame));
    if (this.playing) wanted.add(this.segments.indexAt(Math.min(this.position, this.data.frames - 1)));
    this.segments.keepOnly(wanted);
    for (const near of wanted) {
      if (this.segments.ready(near)) continue;
      this.segments.load(near).then(
        () => this.schedule(),
        (error: unknown) => near === index && this.fail(error), // others are tried again in their turn
      );
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** The song's sound: one script for each segment beside the page, because a page may not fetch. */

import { damaged, decoded, runScript } from "../common/sound_file";
import type { PageData } from "./data";

/** A segment of every stream, with padding around it; null for a silent stream. */
export interface Segment {
  first: number; // the frame of the song with which the buffers begin
  buffers: (AudioBuffer | null)[];
}

declare global {
  interface Window {
    hclaritySegment?: (index: number, streams: string[]) => void;
  }
}

export class Segments {
  private readonly decoder: BaseAudioContext;
  private readonly loading = new Map<number, Promise<Segment>>();
  private readonly loaded = new Map<number, Segment>();
  private readonly arrived = new Map<number, string[]>();

  constructor(private readonly data: PageData) {
    this.decoder = new OfflineAudioContext(2, 1, data.sample_rate);
    window.hclaritySegment = (index, streams) => this.arrived.set(index, streams);
  }

  /** Which segment holds a frame of the song. */
  indexAt(frame: number): number {
    return Math.floor(frame / this.data.segment_frames);
  }

  /** The first frame after a segment. */
  endOf(index: number): number {
    return Math.min(this.data.frames, (index + 1) * this.data.segment_frames);
  }

  /** What is there already; undefined before. */
  ready(index: number): Segment | undefined {
    return this.loaded.get(index);
  }

  load(index: number): Promise<Segment> {
    const known = this.loading.get(index);
    if (known) return known;
    const loading = this.read(index);
    this.loading.set(index, loading);
    loading.then(
      (segment) => this.loading.has(index) && this.loaded.set(index, segment),
      () => this.loading.delete(index),
    );
    return loading;
  }

  /** Throw away all others. */
  keepOnly(wanted: ReadonlySet<number>): void {
    for (const index of this.loading.keys()) {
      if (wanted.has(index)) continue;
      this.loading.delete(index);
      this.loaded.delete(index);
    }
  }

  private async read(index: number): Promise<Segment> {
    const streams = await this.arrival(index);
    const first = Math.max(0, index * this.data.segment_frames - this.data.padding_frames);
    const buffers = await Promise.all(streams.map((stream) => this.decoded(stream, index)));
    return { first, buffers };
  }

  private async arrival(index: number): Promise<string[]> {
    const file = `sound/${String(index).padStart(5, "0")}.js`;
    await runScript(file);
    const streams = this.arrived.get(index);
    this.arrived.delete(index);
    if (streams?.length !== this.data.streams.length) {
      throw damaged(file);
    }
    return streams;
  }

  private async decoded(stream: string, index: number): Promise<AudioBuffer | null> {
    if (stream === "") return null;
    const seconds = Math.round((index * this.data.segment_frames) / this.data.sample_rate);
    return decoded(stream, this.decoder, `from second ${seconds} on`);
  }
}

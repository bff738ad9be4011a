/** What would be heard, computed at once. */

import type { PageData, Side } from "./data";
import type { Responses } from "./ear";
import { Graph, graphDelay, type Version } from "./graph";
import { Run } from "./run";
import type { Segments } from "./segments";
import type { Settings } from "./settings";

export interface Passage {
  version: Version;
  first: number; // frames of the song
  end: number;
}

/** Both ears of a passage, without the delays of filter and limiter. */
export async function rendered(
  passage: Passage,
  settings: Settings,
  data: PageData,
  segments: Segments,
  responses: Record<Side, Responses>,
): Promise<Record<Side, Float32Array>> {
  const delay = graphDelay(data.sample_rate);
  const { first, end } = passage;
  const context = new OfflineAudioContext(2, end - first + delay, data.sample_rate);
  const graph = await Graph.create(context, data, responses, settings);
  graph.hear(passage.version);
  const run = new Run(context, graph.inputs, data.frames);
  for (let frame = first; frame < end; ) {
    const index = segments.indexAt(frame);
    const pieceEnd = Math.min(segments.endOf(index), end);
    run.add({ first: frame, end: pieceEnd, at: frame - first }, await segments.load(index));
    frame = pieceEnd;
  }
  const sound = await context.startRendering();
  const [left, right] = [0, 1].map((ear) => sound.getChannelData(ear).slice(delay));
  return { left, right };
}

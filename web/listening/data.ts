/** What the command writes into the page. */

export interface Points {
  hz: number[];
  db: number[];
}

export interface Ear {
  hz: number[];
  thresholds_db_hl: number[];
  no_response_hz: number[];
}

export interface Stream {
  name: string;
  has_slider: boolean;
}

export interface Preset {
  name: string;
  words: string;
  evidence: string;
  gains_db: Record<string, number>;
}

export interface Levels {
  strengths: number[];
  blocks: number;
  covariances: string;
  moments: number;
  peaks: string;
}

export interface PageData {
  format: 1;
  hclarity: string;
  title: string;
  sample_rate: number;
  frames: number;
  segment_frames: number;
  padding_frames: number;
  segments: number;
  streams: Stream[];
  waveform: { per_second: number; peaks: string };
  presets: Preset[];
  start: { stem_gains_db: Record<string, number>; mixed_lufs: number | null; peak_dbtp: number | null };
  softest_db: number;
  loudest_db: number;
  song_lufs: number | null;
  target_lufs: number | null;
  target_is_song: boolean;
  ceiling_dbtp: number;
  listener: { name: string; left: Ear | null; right: Ear | null };
  gains: { left: Points; right: Points };
  prescription: string | null;
  levels: Levels;
  command: string;
}

export type Side = "left" | "right";

export const SIDES: readonly Side[] = ["left", "right"];

/** The song of this page; null in a page that no command has filled in. */
export function readData(): PageData | null {
  const data = JSON.parse(document.getElementById("data")?.textContent ?? "{}") as Partial<PageData>;
  return data.format === 1 ? (data as PageData) : null;
}

/** Whether anything is prescribed to either ear. */
export function isAmplified(data: PageData): boolean {
  return SIDES.some((side) => data.gains[side].db.some((gain) => gain !== 0));
}

export function stemNames(data: PageData): string[] {
  return data.streams.filter((stream) => stream.has_slider).map((stream) => stream.name);
}

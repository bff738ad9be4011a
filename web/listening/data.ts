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

/** The mix that the command made. */
export interface Start {
  stem_gains_db: Record<string, number>;
  prescription_percent: number;
  left_db: number;
  right_db: number;
  mixed_lufs: number | null; // before the common gain, as it was measured
  peak_dbtp: number | null;
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
  start: Start;
  softest_db: number;
  loudest_db: number;
  song_lufs: number | null;
  target_lufs: number | null;
  target_is_song: boolean;
  most_limiting_db: number; // the gain is held back where the limiter would have to take off more
  ceiling_dbtp: number;
  listener: { left: Ear | null; right: Ear | null };
  gains: { left: Points; right: Points };
  prescription: string; // who says what each ear should get
  levels: Levels;
  gains_file: string;
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

/** How much of that the ears get at first, 0 to 1. */
export function startingStrength(data: PageData): number {
  return isAmplified(data) ? data.start.prescription_percent / 100 : 0;
}

export function stemNames(data: PageData): string[] {
  return data.streams.filter((stream) => stream.has_slider).map((stream) => stream.name);
}

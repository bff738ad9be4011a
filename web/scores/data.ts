/** What the command writes into the page. */

/** A score; JSON has no infinite numbers. */
export type Value = number | "inf" | "-inf" | null;

export interface Row {
  name: string;
  kind: "floor" | "model" | "estimates" | "ceiling";
  seen: boolean;
}

export interface Cell {
  headline: string;
  other: string;
  interval: string;
  gain: string;
  number: Value; // the headline as it is
}

export interface Line {
  row: string; // the name of a row; empty for a published one
  name: string; // with its marks
  cells: Cell[];
}

export interface Metric {
  name: string;
  title: string;
  unit: string;
  decimals: number;
  headline: "mean" | "median";
  other: "mean" | "median";
  definition: string;
  caption: string;
  notes: string[];
  sources: string[];
  columns: string[];
  measured: Line[];
  published: Line[];
  songs: string[];
  values: Record<string, Record<string, Value[]>>; // by stem, then row; one for each song
}

export interface Example {
  row: string;
  song: string;
  stem: string;
  metric: string;
  value: number;
  good: boolean;
  heard: { number: number; start_s: number; seconds: number } | null;
  problem: string; // why it is not heard
}

export interface PageData {
  format: 1;
  hclarity: string;
  title: string;
  rows: Row[];
  metrics: Metric[];
  examples: Example[];
}

/** The scores of this page; null in a page that no command has filled in. */
export function readData(): PageData | null {
  const data = JSON.parse(document.getElementById("data")?.textContent ?? "{}") as Partial<PageData>;
  return data.format === 1 ? (data as PageData) : null;
}

export function isSeparator(row: Row): boolean {
  return row.kind === "model" || row.kind === "estimates";
}

/** Scores as numbers, and as people read them. */

import type { Metric, Value } from "./data";

/** NaN where there is none. */
export function numberOf(value: Value): number {
  if (value === null) return NaN;
  return typeof value === "number" ? value : value === "inf" ? Infinity : -Infinity;
}

/** As it is read: "3.70", "−0.21", "∞", "–" for none. */
export function figure(value: number, decimals: number): string {
  if (Number.isNaN(value)) return "–";
  const size = Math.abs(value) === Infinity ? "∞" : Math.abs(value).toFixed(decimals);
  return value < 0 && Number(size) !== 0 ? `−${size}` : size;
}

/** With its unit: "3.70 dB". */
export function quantity(value: number, metric: Metric): string {
  return Number.isNaN(value) ? "no score" : `${figure(value, metric.decimals)} ${metric.unit}`.trim();
}

/** The highest first, and what is no number last. */
export function descending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : b > a ? 1 : -1;
}

const LETTERS = new Intl.Collator("en", { numeric: true });

export function byName(a: string, b: string): number {
  return LETTERS.compare(a, b);
}

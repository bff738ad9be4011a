export function amplitudeOf(db: number): number {
  return 10 ** (db / 20);
}

/** −∞ for 0. */
export function decibelsOf(amplitude: number): number {
  return 20 * Math.log10(amplitude);
}

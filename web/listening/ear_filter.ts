/**
 * The impulse response that gives an ear its insertion gain: symmetric, so of linear phase, and the
 * same as the command's own.
 */

import type { Points } from "./data";
import { amplitudeOf, decibelsOf } from "./decibels";
import { transform } from "./fft";

export const AUDIOMETRIC_HZ = [250, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000, 8000];

const HALF_LENGTH_S = 0.0232;
const DESIGN_PASSES = 6;

/** Half the length of a response, in frames, which is by how much it delays. */
export function halfLength(rate: number): number {
  return Math.round(HALF_LENGTH_S * rate);
}

/** A response of `2 * halfLength + 1` values with these gains at this strength, 0 to 1. */
export function earResponse(gains: Points, strength: number, rate: number): Float32Array<ArrayBuffer> {
  const wanted = points(gains, strength);
  if (wanted.db.every((gain) => gain === 0)) return impulse(rate);
  return Float32Array.from(designed(wanted, rate));
}

/** The gain of a response, in dB, at some frequencies: its spectrum is a sum of cosines. */
export function realisedDb(response: ArrayLike<number>, hz: number[], rate: number): number[] {
  const half = (response.length - 1) / 2;
  return hz.map((at) => {
    const step = (2 * Math.PI * at) / rate;
    let sum = response[half];
    for (let i = 1; i <= half; i++) sum += Math.cos(step * i) * (response[half - i] + response[half + i]);
    return decibelsOf(Math.max(Math.abs(sum), 1e-12));
  });
}

/** Between known points linear over log frequency, held beyond both ends. */
export function gainAt({ hz, db }: Points, at: number): number {
  if (at <= hz[0]) return db[0];
  const above = hz.findIndex((known) => known >= at);
  if (above < 0) return db[db.length - 1];
  const part = Math.log(at / hz[above - 1]) / Math.log(hz[above] / hz[above - 1]);
  return db[above - 1] + part * (db[above] - db[above - 1]);
}

/** The gains at their own frequencies and the audiometric ones. */
function points(gains: Points, strength: number): Points {
  const hz = [...new Set([...gains.hz, ...AUDIOMETRIC_HZ])].sort((a, b) => a - b);
  return { hz, db: hz.map((at) => strength * gainAt(gains, at)) };
}

function impulse(rate: number): Float32Array<ArrayBuffer> {
  const response = new Float32Array(2 * halfLength(rate) + 1);
  response[halfLength(rate)] = 1;
  return response;
}

/** Cutting a response smears its gain, so what is missed is added to what is asked for. */
function designed(wanted: Points, rate: number): Float64Array {
  const audible = wanted.hz.filter((hz) => hz < rate / 2);
  const asked = [...wanted.db];
  let best = { error: Infinity, response: new Float64Array(0) as Float64Array };
  for (let pass = 0; pass < DESIGN_PASSES; pass++) {
    const response = windowed({ hz: wanted.hz, db: asked }, rate);
    const missed = realisedDb(response, audible, rate).map((gain, i) => wanted.db[i] - gain);
    const error = Math.max(...missed.map(Math.abs));
    if (error < best.error) best = { error, response };
    missed.forEach((miss, i) => (asked[i] += miss));
  }
  return best.response;
}

/** The frequency sampling method: a dense grid of gains, transformed, cut and windowed. */
function windowed(asked: Points, rate: number): Float64Array {
  const half = halfLength(rate);
  const size = 8 << (32 - Math.clz32(half));
  const aroundZero = gridOf(asked, size, rate);
  transform(aroundZero, new Float64Array(size));
  const taps = 2 * half + 1;
  return Float64Array.from({ length: taps }, (_, i) => {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (taps - 1));
    return (hann * aroundZero[Math.abs(i - half)]) / size;
  });
}

/** The gain as a factor at each bin of a spectrum, from 0 Hz up and back again. */
function gridOf(asked: Points, size: number, rate: number): Float64Array {
  const grid = new Float64Array(size);
  for (let bin = 0; bin <= size / 2; bin++) {
    grid[bin] = amplitudeOf(gainAt(asked, (bin * rate) / size));
    grid[(size - bin) % size] = grid[bin];
  }
  return grid;
}

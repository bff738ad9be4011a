/**
 * How loud any mix is, and how high it peaks, without hearing it: from what the command measured
 * of every pair of streams.
 */

import { floatsOf } from "../common/base64";
import { SIDES, startingStrength, stemNames, type PageData } from "./data";
import { amplitudeOf, decibelsOf } from "./decibels";

export interface MixLevels {
  lufs: number | null; // null where nothing rises above -70 LUFS
  peak_db: number; // -Infinity for silence
}

/** What decides how loud a mix is. */
export interface HeardMix {
  gains: number[]; // a factor for each stream
  strength: number;
  left_db: number;
  right_db: number;
}

const OFFSET = -0.691; // LUFS, of ITU-R BS.1770
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;

export class LoudnessModel {
  /** The song as it was. */
  readonly song: MixLevels;
  private readonly covariances: Float32Array;
  private readonly moments: Float32Array;
  private readonly correction: { lufs: number; peak_db: number };

  constructor(private readonly data: PageData) {
    this.covariances = floatsOf(data.levels.covariances);
    this.moments = floatsOf(data.levels.peaks);
    this.correction = this.missedAtTheStart();
    const gains = data.streams.map(() => 1);
    this.song = this.of({ gains, strength: 0, left_db: 0, right_db: 0 });
  }

  of(mix: HeardMix): MixLevels {
    const own = this.uncorrected(mix);
    return {
      lufs: own.lufs === null ? null : own.lufs + this.correction.lufs,
      peak_db: own.peak_db + this.correction.peak_db,
    };
  }

  private missedAtTheStart(): { lufs: number; peak_db: number } {
    const { start } = this.data;
    const own = this.uncorrected(startingMix(this.data));
    const lufs = start.mixed_lufs === null || own.lufs === null ? 0 : start.mixed_lufs - own.lufs;
    const peak = start.peak_dbtp === null || !Number.isFinite(own.peak_db) ? 0 : start.peak_dbtp - own.peak_db;
    return { lufs, peak_db: peak };
  }

  private uncorrected(mix: HeardMix): MixLevels {
    const { strengths } = this.data.levels;
    const lufs = strengths.map((_, i) => this.lufsAt(i, mix));
    const peaks = strengths.map((_, i) => this.peakAt(i, mix));
    return {
      lufs: lufs.includes(null) ? null : throughAll(strengths, lufs as number[], mix.strength),
      peak_db: peaks.includes(-Infinity) ? -Infinity : throughAll(strengths, peaks, mix.strength),
    };
  }

  private lufsAt(strength: number, mix: HeardMix): number | null {
    const { blocks } = this.data.levels;
    const weights = pairWeights(mix.gains);
    const energies = new Float64Array(blocks);
    SIDES.forEach((side, ear) => {
      const ofEar = amplitudeOf(mix[`${side}_db`]) ** 2;
      const first = (2 * strength + ear) * blocks;
      for (let block = 0; block < blocks; block++) {
        energies[block] += ofEar * product(this.covariances, (first + block) * weights.length, weights);
      }
    });
    return gatedLufs(energies);
  }

  private peakAt(strength: number, mix: HeardMix): number {
    const { moments } = this.data.levels;
    const peaks = SIDES.map((side, ear) => {
      const first = (2 * strength + ear) * moments;
      let highest = 0;
      for (let moment = 0; moment < moments; moment++) {
        const value = product(this.moments, (first + moment) * mix.gains.length, mix.gains);
        highest = Math.max(highest, Math.abs(value));
      }
      return highest * amplitudeOf(mix[`${side}_db`]);
    });
    return decibelsOf(Math.max(...peaks));
  }
}

/** The mix that the command made, whose levels it measured exactly. */
function startingMix(data: PageData): HeardMix {
  const stems = stemNames(data);
  const gains = data.streams.map(({ name }) =>
    stems.includes(name) ? amplitudeOf(data.start.stem_gains_db[name] ?? 0) : 1,
  );
  const { left_db, right_db } = data.start;
  return { gains, strength: startingStrength(data), left_db, right_db };
}

/** g_i g_j of each pair of streams, in the order of the covariances. */
function pairWeights(gains: number[]): number[] {
  return gains.flatMap((gain, i) => gains.slice(i).map((other) => gain * other));
}

function product(values: Float32Array, start: number, weights: number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i] * values[start + i];
  return sum;
}

/** Integrated loudness by BS.1770: softer blocks are left out, twice. */
function gatedLufs(energies: Float64Array): number | null {
  const heard = energies.filter((energy) => lufsOf(energy) > ABSOLUTE_GATE);
  if (!heard.length) return null;
  const gate = lufsOf(mean(heard)) + RELATIVE_GATE;
  return lufsOf(mean(heard.filter((energy) => lufsOf(energy) > gate)));
}

function lufsOf(energy: number): number {
  return OFFSET + 10 * Math.log10(Math.max(energy, 0));
}

function mean(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Lagrange's polynomial through all points. */
function throughAll(at: number[], values: number[], where: number): number {
  return values.reduce((sum, value, i) => {
    const others = at.filter((_, j) => j !== i);
    return sum + others.reduce((term, other) => (term * (where - other)) / (at[i] - other), value);
  }, 0);
}

/** What the listener has chosen: gains, mutes, solos, balance between the ears, strength. */

import { startingStrength, stemNames, type PageData } from "./data";
import { amplitudeOf } from "./decibels";
import type { HeardMix } from "./loudness";

export const SOFTEST_SLIDER_DB = -40; // its left end, which means off

export class Mix {
  readonly stems: string[];
  readonly muted = new Set<string>();
  readonly soloed = new Set<string>();
  balance_db = 0; // below 0 the right ear is so much softer, above 0 the left
  strength: number; // 0 to 1
  private readonly gains_db = new Map<string, number>();
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly data: PageData) {
    this.stems = stemNames(data);
    this.strength = 0;
    this.reset();
  }

  get left_db(): number {
    return Math.min(0, -this.balance_db);
  }

  get right_db(): number {
    return Math.min(0, this.balance_db);
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Change something and tell everybody once. */
  change(edit: (mix: this) => void): void {
    edit(this);
    for (const listener of this.listeners) listener();
  }

  /** The gain of a stem; -Infinity for off. */
  gainDb(stem: string): number {
    return this.gains_db.get(stem) ?? 0;
  }

  setGainDb(stem: string, db: number): void {
    this.gains_db.set(stem, db <= this.data.softest_db ? -Infinity : db);
  }

  isHeard(stem: string): boolean {
    if (this.muted.has(stem) || this.gainDb(stem) === -Infinity) return false;
    return this.soloed.size === 0 || this.soloed.has(stem);
  }

  /** Give each stem that has a slider this gain, or none, and unmute all. */
  setAll(gains_db: Record<string, number>): void {
    for (const stem of this.stems) this.setGainDb(stem, gains_db[stem] ?? 0);
    this.muted.clear();
    this.soloed.clear();
  }

  reset(): void {
    this.setAll(this.data.start.stem_gains_db);
    this.balance_db = this.data.start.right_db - this.data.start.left_db;
    this.strength = startingStrength(this.data);
  }

  /** Whether these are the gains of all stems, none of them muted. */
  isLike(gains_db: Record<string, number>): boolean {
    return this.stems.every((stem) => this.isHeard(stem) && this.gainDb(stem) === (gains_db[stem] ?? 0));
  }

  /** Whether the song comes out as it went in, but perhaps for its loudness. */
  get isUntouched(): boolean {
    return this.balance_db === 0 && this.strength === 0 && this.isLike({});
  }

  heard(): HeardMix {
    const { strength, left_db, right_db } = this;
    return { gains: this.data.streams.map(({ name }) => this.factor(name)), strength, left_db, right_db };
  }

  private factor(stream: string): number {
    if (!this.stems.includes(stream)) return 1; // as in what the command writes
    return this.isHeard(stream) ? amplitudeOf(this.gainDb(stream)) : 0;
  }
}

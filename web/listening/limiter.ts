/**
 * A look-ahead limiter for two ears that always get the same gain. How much the level must fall:
 *
 *   wanted    1 - ceiling / peak where a sample passes the ceiling, else 0
 *   held      the largest wanted of the look-ahead window
 *   released  falls no faster than an exponential of 100 ms
 *   smoothed  its mean under a Hann window as long as the look-ahead
 *
 * At a peak every value under the Hann window is at least what that peak wants, so their mean is
 * too: the gain has come down in time.
 */

const LOOK_AHEAD_S = 0.005;
const RELEASE_S = 0.1;
const NOTHING = 2 ** -26; // so small a reduction leaves a float32 as it is

/** By how many frames a limiter delays. */
export function limiterDelay(rate: number): number {
  return Math.round(LOOK_AHEAD_S * rate);
}

export class Limiter {
  private readonly window: number;
  private readonly hann: Float64Array;
  private readonly decay: number;
  private readonly delayed: [Float32Array, Float32Array];
  private readonly wanted: SlidingMaximum;
  private readonly released: Float64Array;
  private last = 0; // of the released values
  private resting: number; // for how many frames nothing was released
  private at = 0;

  constructor(
    private readonly ceiling: number,
    rate: number,
  ) {
    this.window = limiterDelay(rate) + 1;
    this.hann = hannWeights(this.window);
    this.decay = Math.exp(-1 / (RELEASE_S * rate));
    this.delayed = [new Float32Array(this.window), new Float32Array(this.window)];
    this.wanted = new SlidingMaximum(this.window);
    this.released = new Float64Array(this.window);
    this.resting = this.window;
  }

  /** Limit as many frames as the blocks hold; `out` may not be `heard`. */
  process(heard: readonly Float32Array[], out: readonly Float32Array[]): void {
    for (let i = 0; i < out[0].length; i++) {
      const left = finite(heard[0]?.[i] ?? 0);
      const right = finite((heard[1] ?? heard[0])?.[i] ?? 0);
      const gain = this.gainAfter(Math.max(Math.abs(left), Math.abs(right)));
      this.delayed[0][this.at] = left;
      this.delayed[1][this.at] = right;
      this.at = (this.at + 1) % this.window; // where the oldest frame lies
      out[0][i] = this.clamped(gain * this.delayed[0][this.at]);
      out[1][i] = this.clamped(gain * this.delayed[1][this.at]);
    }
  }

  private gainAfter(peak: number): number {
    const held = this.wanted.push(peak > this.ceiling ? 1 - this.ceiling / peak : 0);
    const released = Math.max(held, this.decay * this.last);
    this.last = released < NOTHING ? 0 : released;
    this.released[this.at] = this.last;
    this.resting = this.last === 0 ? Math.min(this.resting + 1, this.window) : 0;
    return this.resting === this.window ? 1 : 1 - this.smoothed();
  }

  private smoothed(): number {
    let sum = 0;
    for (let age = 0, i = this.at; age < this.window; age++) {
      sum += this.hann[age] * this.released[i];
      i = i === 0 ? this.window - 1 : i - 1;
    }
    return sum;
  }

  private clamped(sample: number): number {
    return Math.min(this.ceiling, Math.max(-this.ceiling, sample));
  }
}

/** The largest of the last values. */
class SlidingMaximum {
  private readonly values: Float64Array; // of those that are larger than all that came later
  private readonly times: Float64Array;
  private first = 0;
  private count = 0;
  private now = 0;

  constructor(private readonly window: number) {
    this.values = new Float64Array(window);
    this.times = new Float64Array(window);
  }

  push(value: number): number {
    if (this.count && this.times[this.first] <= this.now - this.window) this.dropOldest();
    while (this.count && this.values[this.place(this.count - 1)] <= value) this.count--;
    const place = this.place(this.count++);
    this.values[place] = value;
    this.times[place] = this.now++;
    return this.values[this.first];
  }

  private dropOldest(): void {
    this.first = this.place(1);
    this.count--;
  }

  private place(index: number): number {
    return (this.first + index) % this.window;
  }
}

function hannWeights(length: number): Float64Array {
  const weights = Float64Array.from({ length }, (_, i) => Math.sin((Math.PI * (i + 1)) / (length + 1)) ** 2);
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

function finite(sample: number): number {
  return Number.isFinite(sample) ? sample : 0;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { Limiter, limiterDelay } from "../listening/limiter";

const RATE = 48000;
const DELAY = limiterDelay(RATE);
const CEILING = 0.5;

function limited(left: Float32Array, right = left, block = 128): [Float32Array, Float32Array] {
  const limiter = new Limiter(CEILING, RATE);
  const out: [Float32Array, Float32Array] = [new Float32Array(left.length), new Float32Array(left.length)];
  for (let start = 0; start < left.length; start += block) {
    const part = (samples: Float32Array) => samples.subarray(start, start + block);
    limiter.process([part(left), part(right)], out.map(part));
  }
  return out;
}

function noise(length: number, level: number): Float32Array {
  let seed = 1;
  return Float32Array.from({ length }, () => {
    seed = (seed * 16807) % 2147483647;
    return level * (seed / 1073741823.5 - 1);
  });
}

test("what stays below the ceiling passes as it is, later", () => {
  const samples = noise(4096, 0.499);
  const [left] = limited(samples);
  assert.deepEqual(left.subarray(DELAY), samples.subarray(0, samples.length - DELAY));
});

test("nothing passes the ceiling, and that by the gain, not by clipping", () => {
  const tone = Float32Array.from({ length: 24000 }, (_, i) => 2 * Math.sin((2 * Math.PI * 300 * i) / RATE));
  const [left] = limited(tone);
  assert.ok(left.every((sample) => Math.abs(sample) <= CEILING));
  const atCeiling = left.subarray(12000).filter((sample) => Math.abs(sample) === CEILING).length;
  assert.ok(atCeiling < 200);
});

test("both ears get the same gain", () => {
  const loud = noise(9600, 3);
  const [left, right] = limited(loud, loud.map((sample) => sample / 8));
  assert.ok(left.every((sample, i) => Math.abs(sample / 8 - right[i]) < 1e-6));
});

test("it lets go within half a second, to the last bit within two", () => {
  const samples = noise(96000, 0.4);
  samples[100] = 4;
  const [left] = limited(samples);
  assert.ok(left[100 + DELAY] <= CEILING);
  assert.ok(Math.abs(left[1000 + DELAY]) < Math.abs(samples[1000]));
  assert.deepEqual(left.subarray(90000 + DELAY), samples.subarray(90000, 96000 - DELAY));
  const halfASecond = 24100;
  assert.ok(Math.abs(left[halfASecond + DELAY] / samples[halfASecond] - 1) < 0.01);
});

test("what is no number becomes silence", () => {
  const samples = noise(2048, 0.4);
  samples[500] = NaN;
  samples[600] = Infinity;
  const [left] = limited(samples);
  assert.equal(left[500 + DELAY], 0);
  assert.equal(left[600 + DELAY], 0);
  assert.equal(left[700 + DELAY], samples[700]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { transform } from "../listening/fft";

test("a transform is the sum that defines it", () => {
  const size = 32;
  const real = Float64Array.from({ length: size }, (_, i) => Math.sin(i * i));
  const imaginary = Float64Array.from({ length: size }, (_, i) => Math.cos(3 * i));
  const [spectrum, spectrumImaginary] = [real.slice(), imaginary.slice()];
  transform(spectrum, spectrumImaginary);
  for (let bin = 0; bin < size; bin++) {
    let [sum, sumImaginary] = [0, 0];
    for (let i = 0; i < size; i++) {
      const angle = (-2 * Math.PI * bin * i) / size;
      sum += real[i] * Math.cos(angle) - imaginary[i] * Math.sin(angle);
      sumImaginary += real[i] * Math.sin(angle) + imaginary[i] * Math.cos(angle);
    }
    assert.ok(Math.hypot(spectrum[bin] - sum, spectrumImaginary[bin] - sumImaginary) < 1e-10);
  }
});

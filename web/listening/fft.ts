/** The fast Fourier transform of a power of two of complex values, in place (radix 2). */
export function transform(real: Float64Array, imaginary: Float64Array): void {
  reorder(real, imaginary);
  for (let span = 1; span < real.length; span *= 2) combine(real, imaginary, span);
}

/** Put each value where the bits of its index, read backwards, say. */
function reorder(real: Float64Array, imaginary: Float64Array): void {
  for (let i = 1, j = 0; i < real.length; i++) {
    let bit = real.length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
}

/** Make spectra of 2 * span values from pairs of spectra of span values. */
function combine(real: Float64Array, imaginary: Float64Array, span: number): void {
  for (let k = 0; k < span; k++) {
    const cosine = Math.cos((Math.PI * k) / span);
    const sine = -Math.sin((Math.PI * k) / span);
    for (let low = k; low < real.length; low += 2 * span) {
      const high = low + span;
      const turnedReal = cosine * real[high] - sine * imaginary[high];
      const turnedImaginary = cosine * imaginary[high] + sine * real[high];
      real[high] = real[low] - turnedReal;
      imaginary[high] = imaginary[low] - turnedImaginary;
      real[low] += turnedReal;
      imaginary[low] += turnedImaginary;
    }
  }
}

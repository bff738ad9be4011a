/** A signal as a picture: how loud it is when, beside the loudest of the four. */

import { SIGNALS, type Buffers, type Signal } from "./excerpt";

const BAR_PX = 3;
const GAP_PX = 2;
const STEPS = 400;

const known = new WeakMap<AudioBuffer, Float32Array>();

export function drawWave(canvas: HTMLCanvasElement, buffers: Buffers, heard: Signal, position: number): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const brush = canvas.getContext("2d");
  if (!brush) return;
  brush.scale(scale, scale);
  const colours = getComputedStyle(canvas);
  const highest = Math.max(1e-6, ...SIGNALS.flatMap((signal) => [...peaksOf(buffers[signal])]));
  const peaks = peaksOf(buffers[heard]);
  const played = (position / buffers[heard].duration) * width;
  for (let x = 0; x < width; x += BAR_PX + GAP_PX) {
    const [first, end] = [x, x + BAR_PX + GAP_PX].map((at) => Math.floor((at / width) * STEPS));
    const peak = peaks.subarray(first, Math.max(first + 1, end)).reduce((a, b) => Math.max(a, b), 0);
    const bar = Math.max(2, (peak / highest) * height);
    brush.fillStyle = colours.getPropertyValue(x < played ? "--played" : "--unplayed");
    brush.beginPath();
    brush.roundRect(x, (height - bar) / 2, BAR_PX, bar, BAR_PX / 2);
    brush.fill();
  }
  brush.fillStyle = colours.getPropertyValue("--playhead");
  brush.fillRect(Math.min(Math.max(0, played - 1), width - 3), 0, 3, height);
}

function peaksOf(buffer: AudioBuffer): Float32Array {
  const there = known.get(buffer);
  if (there) return there;
  const peaks = new Float32Array(STEPS);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    buffer.getChannelData(channel).forEach((sample, i) => {
      const step = Math.floor((i / buffer.length) * STEPS);
      peaks[step] = Math.max(peaks[step], Math.abs(sample));
    });
  }
  known.set(buffer, peaks);
  return peaks;
}

/** The song as a picture: how loud it is when, what is repeated, and where it plays. */

import { bytesOf } from "../common/base64";
import type { PageData } from "./data";
import { byId } from "../common/dom";
import type { Player } from "./player";

const BAR_PX = 3;
const GAP_PX = 2;

export class Waveform {
  private readonly canvas = byId<HTMLCanvasElement>("waveform");
  private readonly peaks: Uint8Array;
  private readonly highest: number;

  constructor(
    private readonly data: PageData,
    private readonly player: Player,
  ) {
    this.peaks = bytesOf(data.waveform.peaks);
    this.highest = largest(this.peaks);
    this.canvas.onpointerdown = (event) => this.canvas.setPointerCapture(event.pointerId);
    this.canvas.onpointermove = (event) => event.buttons && this.seek(event);
    this.canvas.onclick = (event) => this.seek(event);
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    player.onChange(() => this.draw());
  }

  draw(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const brush = this.brush(width, height);
    if (!brush) return;
    const colours = getComputedStyle(this.canvas);
    this.drawPassage(brush, height, colours.getPropertyValue("--passage"));
    const played = this.x(this.player.position);
    for (let x = 0; x < width; x += BAR_PX + GAP_PX) {
      brush.fillStyle = colours.getPropertyValue(x < played ? "--played" : "--unplayed");
      const bar = Math.max(2, this.peakAt(x, x + BAR_PX + GAP_PX) * (height - 8));
      brush.beginPath();
      brush.roundRect(x, (height - bar) / 2, BAR_PX, bar, BAR_PX / 2);
      brush.fill();
    }
    brush.fillStyle = colours.getPropertyValue("--playhead");
    brush.fillRect(Math.min(Math.max(0, played - 1), width - 3), 0, 3, height);
  }

  private brush(width: number, height: number): CanvasRenderingContext2D | null {
    const scale = window.devicePixelRatio;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const brush = this.canvas.getContext("2d");
    brush?.scale(scale, scale);
    return brush;
  }

  private drawPassage(brush: CanvasRenderingContext2D, height: number, colour: string): void {
    const { on, first, end } = this.player.loop;
    if (!on) return;
    brush.fillStyle = colour;
    brush.fillRect(this.x(first), 0, this.x(end) - this.x(first), height);
  }

  private seek(event: PointerEvent | MouseEvent): void {
    this.player.seek((event.offsetX / this.canvas.clientWidth) * this.data.frames);
  }

  private x(frame: number): number {
    return (frame / this.data.frames) * this.canvas.clientWidth;
  }

  /** The highest peak between two places, where 1 is that of the song. */
  private peakAt(from: number, to: number): number {
    const scale = ((this.data.frames / this.data.sample_rate) * this.data.waveform.per_second) / this.canvas.clientWidth;
    const first = Math.floor(from * scale);
    const peaks = this.peaks.subarray(first, Math.max(first + 1, Math.floor(to * scale)));
    return largest(peaks) / Math.max(1, this.highest);
  }
}

function largest(values: Uint8Array): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

/** The frame of a chart over frequency: an octave is as wide as 20 dB are high. */

import { makeSvg } from "../common/dom";

export interface Axes {
  first_hz: number;
  last_hz: number;
  top_db: number;
  bottom_db: number;
  step_db: number; // between lines
  unit: string;
}

const OCTAVE = 46; // all in the SVG's own units
const MARGIN = { left: 44, top: 52, right: 22, bottom: 10 };

export class Chart {
  readonly svg: SVGSVGElement;
  private readonly marks: SVGGElement;

  constructor(
    private readonly axes: Axes,
    label: string,
  ) {
    const { width, height } = this;
    const all = `0 0 ${MARGIN.left + width + MARGIN.right} ${MARGIN.top + height + MARGIN.bottom}`;
    this.marks = makeSvg("g");
    this.svg = makeSvg("svg", { viewBox: all, role: "img", "aria-label": label }, this.grid(), this.marks);
  }

  /** Draw other marks instead of those that are there. */
  replace(label: string, marks: SVGElement[]): void {
    this.svg.setAttribute("aria-label", label);
    this.marks.replaceChildren(...marks);
  }

  x(hz: number): number {
    return MARGIN.left + OCTAVE * Math.log2(hz / this.axes.first_hz);
  }

  y(db: number): number {
    const { top_db, bottom_db } = this.axes;
    return MARGIN.top + (this.height * (db - top_db)) / (bottom_db - top_db);
  }

  private get width(): number {
    return OCTAVE * Math.log2(this.axes.last_hz / this.axes.first_hz);
  }

  private get height(): number {
    return (OCTAVE * Math.abs(this.axes.bottom_db - this.axes.top_db)) / 20;
  }

  private grid(): SVGGElement {
    const { first_hz, last_hz, top_db, bottom_db, step_db, unit } = this.axes;
    const lines: SVGElement[] = [text(2, MARGIN.top - 34, unit, "start"), text(MARGIN.left + this.width + MARGIN.right - 2, MARGIN.top - 34, "Hz", "end")];
    for (let hz = first_hz; hz <= last_hz; hz *= 2) {
      lines.push(line(this.x(hz), MARGIN.top, this.x(hz), MARGIN.top + this.height, "grid"));
      lines.push(text(this.x(hz), MARGIN.top - 12, hz < 1000 ? String(hz) : `${hz / 1000}k`, "middle"));
    }
    const [low, high] = [Math.min(top_db, bottom_db), Math.max(top_db, bottom_db)];
    for (let db = low; db <= high; db += step_db) {
      lines.push(line(MARGIN.left, this.y(db), MARGIN.left + this.width, this.y(db), db === 0 ? "zero" : "grid"));
      lines.push(text(MARGIN.left - 7, this.y(db) + 4.5, String(db).replace("-", "−"), "end"));
    }
    return makeSvg("g", {}, ...lines);
  }
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: string): SVGElement {
  return makeSvg("line", { x1, y1, x2, y2, class: kind });
}

function text(x: number, y: number, words: string, anchor: string): SVGElement {
  return makeSvg("text", { x, y, "text-anchor": anchor }, words);
}

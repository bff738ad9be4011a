/** How each row is drawn: no two alike in shape, nor, for long, in colour. */

import { makeSvg } from "../common/dom";
import { isSeparator, type Row } from "./data";

/** Outlines around 0, 0; all about as large. */
const SHAPES = [
  "M6.5 0a6.5 6.5 0 1 1-13 0a6.5 6.5 0 1 1 13 0z", // circle
  "M-6-6h12v12h-12z", // square
  "M0-7.5l7.5 13h-15z", // triangle
  "M0-8l6.5 8l-6.5 8l-6.5-8z", // diamond
  "M0 7.5l7.5-13h-15z", // triangle upside down
  "M-2.5-7h5v4.5h4.5v5h-4.5v4.5h-5v-4.5h-4.5v-5h4.5z", // cross
  "M-7-2l7-5.5l7 5.5l-2.6 8.5h-8.8z", // pentagon
];
const COLOURS = 6;
const MIXTURE = "M-2-9h4v18h-4z"; // a bar
const IDEAL = "M-5-9h10v3.5h-3.2v11h3.2v3.5h-10v-3.5h3.2v-11h-3.2z"; // a bar with feet

export class Marks {
  private readonly looks = new Map<string, { outline: string; kind: string }>();

  constructor(rows: Row[]) {
    rows.filter(isSeparator).forEach((row, i) => {
      this.looks.set(row.name, { outline: SHAPES[i % SHAPES.length], kind: `mark colour${i % COLOURS}` });
    });
    for (const row of rows) {
      if (row.kind === "floor") this.looks.set(row.name, { outline: MIXTURE, kind: "mark frame" });
      if (row.kind === "ceiling") this.looks.set(row.name, { outline: IDEAL, kind: "mark frame" });
    }
  }

  draw(row: string, x: number, y: number): SVGPathElement {
    const { outline, kind } = this.looks.get(row) ?? { outline: SHAPES[0], kind: "mark" };
    return makeSvg("path", { d: outline, class: kind, transform: `translate(${x} ${y})` });
  }
}

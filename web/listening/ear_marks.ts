/** The signs of audiologists: the right ear a red O, the left a blue X. */

import { line, type Chart } from "./axes";
import type { Points, Side } from "./data";
import { makeSvg } from "../common/dom";

const SIZE = 5.5;

export interface EarPoints extends Points {
  no_response_hz: number[];
}

/** A line through an ear's points, not across what was not heard, and a sign at each. */
export function earMarks(chart: Chart, side: Side, { hz, db, no_response_hz }: EarPoints): SVGElement[] {
  const joints = hz.slice(1).flatMap((high, i) => {
    const broken = no_response_hz.some((at) => at === hz[i] || at === high);
    return broken ? [] : [line(chart.x(hz[i]), chart.y(db[i]), chart.x(high), chart.y(db[i + 1]), `curve ${side}`)];
  });
  const signs = hz.flatMap((at, i) => {
    const [x, y] = [chart.x(at), chart.y(db[i])];
    return no_response_hz.includes(at) ? [sign(side, x, y), arrow(side, x, y)] : [sign(side, x, y)];
  });
  return [...joints, ...signs];
}

export function sign(side: Side, x: number, y: number): SVGElement {
  if (side === "right") return makeSvg("circle", { cx: x, cy: y, r: SIZE, class: "sign right" });
  const d = `M${x - SIZE} ${y - SIZE}l${2 * SIZE} ${2 * SIZE}m0 ${-2 * SIZE}l${-2 * SIZE} ${2 * SIZE}`;
  return makeSvg("path", { d, class: "sign left" });
}

/** No response: an arrow downwards and outwards. */
function arrow(side: Side, x: number, y: number): SVGElement {
  const out = side === "right" ? -1 : 1;
  const d = `M${x + out * SIZE} ${y + SIZE}l${out * 9} 9m0 -6v6h${-out * 6}`;
  return makeSvg("path", { d, class: `sign ${side}` });
}

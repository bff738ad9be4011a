/** A metric's scores of one stem as dots: a line for each song, a mark for each row. */

import { make, makeSvg, say } from "../common/dom";
import type { Metric, PageData } from "./data";
import type { Marks } from "./marks";
import { numberOf, quantity, figure } from "./values";

const LINE = 30; // px, all
const TOP = 34;
const BOTTOM = 34;
const EDGE = 14; // between the names, or the border, and the first mark
const INFINITE = 40; // for what is infinite, beyond the others
const LETTER = 8.6;
const NAMES = { least: 90, share: 0.3, most: 300 };
const TICK_PX = 60; // at least
const MARGIN = 0.04; // beyond the lowest and the highest value, of what lies between them

export interface Shown {
  metric: Metric;
  stem: string;
  songs: string[]; // in order
}

interface Dot {
  row: string;
  song: string;
  value: number;
  x: number;
  line: number;
  mark: SVGGElement;
}

export class Dots {
  readonly element: HTMLElement;
  private readonly said = make("p", { class: "readout" });
  private readonly place = make("div");
  private shown: Shown | null = null;
  private dots: Dot[][] = []; // of each line, from left to right
  private width = 0;
  private current: Dot | null = null;

  constructor(
    private readonly data: PageData,
    private readonly marks: Marks,
  ) {
    this.element = make("div", { class: "dots" }, this.said, this.place);
    new ResizeObserver(() => this.resize()).observe(this.place);
    this.place.onpointermove = (event) => this.point(event);
    this.place.onpointerdown = (event) => this.point(event);
    this.place.onpointerleave = () => this.tell(null);
    this.place.onkeydown = (event) => this.move(event);
    this.tell(null);
  }

  show(shown: Shown): void {
    this.shown = shown;
    this.draw();
  }

  private resize(): void {
    if (this.place.clientWidth === this.width) return;
    this.draw();
  }

  private draw(): void {
    if (!this.shown) return;
    const { metric, stem, songs } = this.shown;
    this.width = this.place.clientWidth;
    const axis = this.axis(metric, stem, songs);
    const height = TOP + songs.length * LINE + BOTTOM;
    this.dots = songs.map((song, line) => this.dotsOf(song, line, axis));
    const songLines = songs.map((song, line) => this.songLine(song, line, axis));
    const label = `${metric.title} of ${stem} for each song. The arrow keys go from mark to mark.`;
    const svg = makeSvg(
      "svg",
      { width: this.width, height, viewBox: `0 0 ${this.width} ${height}`, role: "group", "aria-label": label },
      axis.drawn(height, metric),
      ...songLines,
    );
    this.place.replaceChildren(svg);
    this.dots.find((line) => line.length)?.[0].mark.setAttribute("tabindex", "0");
    this.tell(null);
  }

  private axis(metric: Metric, stem: string, songs: string[]): Axis {
    const letters = Math.max(...songs.map((song) => song.length));
    const room = Math.max(NAMES.least, Math.min(NAMES.most, NAMES.share * this.width));
    const names = Math.min(room, letters * LETTER + EDGE);
    const values = Object.values(metric.values[stem] ?? {}).flat().map(numberOf);
    return new Axis(values, names + EDGE, this.width - EDGE);
  }

  private dotsOf(song: string, line: number, axis: Axis): Dot[] {
    const { metric, stem } = this.shown as Shown;
    const at = metric.songs.indexOf(song);
    const dots = this.data.rows.flatMap((row) => {
      const value = numberOf(metric.values[stem]?.[row.name]?.[at] ?? null);
      if (Number.isNaN(value)) return [];
      const x = axis.x(value);
      const words = `${row.name}, ${song}: ${quantity(value, metric)}`;
      const drawn = this.marks.draw(row.name, x, middle(line));
      const mark = makeSvg("g", { role: "img", "aria-label": words, tabindex: -1, class: "dot" }, drawn);
      const dot = { row: row.name, song, value, x, line, mark };
      mark.onfocus = () => this.tell(dot);
      mark.onblur = () => this.tell(null);
      return [dot];
    });
    return dots.sort((a, b) => a.x - b.x);
  }

  private songLine(song: string, line: number, axis: Axis): SVGGElement {
    const y = middle(line);
    const dots = this.dots[line];
    const room = Math.floor((axis.left - 2 * EDGE) / LETTER);
    const short = song.length > room ? `${song.slice(0, Math.max(1, room - 1)).trimEnd()}…` : song;
    const name = makeSvg("text", { x: 0, y: y + 5, class: "song" }, short, makeSvg("title", {}, song));
    const drawn: SVGElement[] = [makeSvg("line", { x1: axis.left - EDGE, x2: axis.right, y1: y, y2: y, class: "grid" })];
    if (dots.length > 1) {
      drawn.push(makeSvg("line", { x1: dots[0].x, x2: dots[dots.length - 1].x, y1: y, y2: y, class: "span" }));
    }
    if (!dots.length) drawn.push(makeSvg("text", { x: axis.left, y: y + 5 }, "silent: no score"));
    const frame = (dot: Dot) => Number(this.data.rows.find((row) => row.name === dot.row)?.kind === "floor");
    const above = [...dots].sort((a, b) => frame(b) - frame(a)); // the mixture below the others
    return makeSvg("g", {}, ...drawn, name, ...above.map((dot) => dot.mark));
  }

  /** The mark that is nearest to the pointer, on its song's line. */
  private point(event: PointerEvent): void {
    const { left, top } = this.place.getBoundingClientRect();
    const line = this.dots[Math.floor((event.clientY - top - TOP) / LINE)] ?? [];
    const x = event.clientX - left;
    const nearest = line.reduce<Dot | null>((a, b) => (a && Math.abs(a.x - x) <= Math.abs(b.x - x) ? a : b), null);
    this.tell(nearest);
  }

  private move(event: KeyboardEvent): void {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !this.current) return;
    event.preventDefault();
    const next = step[0] ? this.inOtherLine(this.current, step[0]) : this.beside(this.current, step[1]);
    if (!next) return;
    this.current.mark.setAttribute("tabindex", "-1");
    next.mark.setAttribute("tabindex", "0");
    next.mark.focus();
  }

  private beside({ line, mark }: Dot, step: number): Dot | undefined {
    return this.dots[line][this.dots[line].findIndex((dot) => dot.mark === mark) + step];
  }

  /** The same row in the next song that has it. */
  private inOtherLine({ line, row }: Dot, step: number): Dot | undefined {
    const lines = step > 0 ? this.dots.slice(line + 1) : this.dots.slice(0, line).reverse();
    return lines.flat().find((dot) => dot.row === row);
  }

  private tell(dot: Dot | null): void {
    this.current?.mark.classList.remove("told");
    this.current = dot;
    dot?.mark.classList.add("told");
    if (dot && this.shown) {
      const score = make("strong", {}, quantity(dot.value, this.shown.metric));
      this.said.replaceChildren(score, ` ${dot.row}, in ${dot.song}`);
    } else say(this.said, "Point at a mark, or go to it with the keyboard, to read its score.");
  }
}

function middle(line: number): number {
  return TOP + (line + 0.5) * LINE;
}

/** From values to places. */
class Axis {
  private readonly low: number;
  private readonly high: number;
  private readonly above: boolean;
  private readonly below: boolean;

  constructor(
    values: number[],
    readonly left: number,
    readonly right: number,
  ) {
    this.above = values.includes(Infinity);
    this.below = values.includes(-Infinity);
    const finite = values.filter(Number.isFinite);
    const [low, high] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
    const room = (high - low) * MARGIN || 0.5;
    [this.low, this.high] = [low - room, high + room];
  }

  x(value: number): number {
    if (value === Infinity) return this.right;
    if (value === -Infinity) return this.left;
    return this.first + ((this.last - this.first) * (value - this.low)) / (this.high - this.low);
  }

  drawn(height: number, metric: Metric): SVGGElement {
    const step = this.step();
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const lines = [-Infinity, ...this.ticks(step), Infinity].flatMap((tick) => {
      if ((tick === Infinity && !this.above) || (tick === -Infinity && !this.below)) return [];
      const [x, words] = [this.x(tick), figure(tick, decimals)];
      return [
        makeSvg("line", { x1: x, x2: x, y1: TOP - 4, y2: height - BOTTOM + 4, class: tick === 0 ? "zero" : "grid" }),
        makeSvg("text", { x, y: TOP - 12, "text-anchor": "middle" }, words),
        makeSvg("text", { x, y: height - 12, "text-anchor": "middle" }, words),
      ];
    });
    return makeSvg("g", { "aria-hidden": "true" }, ...lines, makeSvg("text", { x: 0, y: TOP - 12 }, metric.unit));
  }

  private get first(): number {
    return this.left + (this.below ? INFINITE : 0);
  }

  private get last(): number {
    return this.right - (this.above ? INFINITE : 0);
  }

  /** A round number, for as many ticks as there is room for. */
  private step(): number {
    const rough = ((this.high - this.low) * TICK_PX) / Math.max(TICK_PX, this.last - this.first);
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * ([1, 2, 5].find((round) => round * power >= rough) ?? 10);
  }

  private ticks(step: number): number[] {
    const [first, last] = [Math.ceil(this.low / step), Math.floor(this.high / step)];
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
  }
}

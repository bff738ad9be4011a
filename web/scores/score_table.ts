/** A metric's table, which its column headings sort. */

import { make } from "../common/dom";
import type { Cell, Line, Metric, PageData } from "./data";
import { scrolling } from "./scrolling";
import { byName, descending, numberOf } from "./values";

interface Heading {
  head: HTMLTableCellElement;
  column: number; // of the stems; -1 for the names
}

export function scoreTable(metric: Metric, data: PageData): HTMLElement {
  const title = metric.unit ? `${metric.title} in ${metric.unit}` : metric.title;
  const headings = ["Separator", ...metric.columns].map((name, place) => heading(name, place - 1));
  const measured = new Lines(metric.measured, metric, data);
  const published = new Lines(metric.published, metric, data);
  const table = make(
    "table",
    { class: "scores" },
    make("caption", {}, `${title}, ${metric.caption}`),
    make("thead", {}, make("tr", {}, ...headings.map(({ head }) => head))),
    measured.body,
  );
  if (metric.published.length) {
    const name = make("th", { colspan: headings.length, scope: "rowgroup" }, "As published");
    table.append(make("tbody", { class: "divider" }, make("tr", {}, name)), published.body);
  }
  for (const { head, column } of headings) {
    (head.firstElementChild as HTMLElement).onclick = () => {
      const order = nextOrder(head, column);
      for (const other of headings) other.head.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      for (const lines of [measured, published]) lines.sort(column, order === "ascending");
    };
  }
  return scrolling(`${title}, table`, table);
}

/** Names begin with A, scores with the best. */
function nextOrder(head: HTMLElement, column: number): string {
  const [first, second] = column < 0 ? ["ascending", "descending"] : ["descending", "ascending"];
  return head.getAttribute("aria-sort") === first ? second : first;
}

/** Lines that stay together. */
class Lines {
  readonly body = make("tbody");
  private readonly rows: [Line, HTMLElement][];

  constructor(lines: Line[], metric: Metric, data: PageData) {
    this.rows = lines.map((line) => [line, lineOf(line, metric, data)]);
    this.body.append(...this.rows.map(([, row]) => row));
  }

  /** What has no score is last in either order. */
  sort(column: number, ascending: boolean): void {
    const sign = ascending ? -1 : 1;
    const number = (line: Line) => numberOf(line.cells[column].number);
    const order = (a: Line, b: Line) =>
      column < 0 ? -sign * byName(a.name, b.name) : descending(sign * number(a), sign * number(b));
    const sorted = [...this.rows].sort(([a], [b]) => order(a, b));
    this.body.append(...sorted.map(([, row]) => row));
  }
}

function heading(name: string, column: number): Heading {
  const button = make("button", { type: "button", class: "sorter" }, name);
  return { head: make("th", { scope: "col" }, button), column };
}

function lineOf(line: Line, metric: Metric, data: PageData): HTMLTableRowElement {
  const kind = data.rows.find((row) => row.name === line.row)?.kind ?? "published";
  const cells = line.cells.map((cell) => make("td", {}, ...wordsOf(cell, metric)));
  return make("tr", { class: kind }, make("th", { scope: "row" }, line.name), ...cells);
}

function wordsOf(cell: Cell, metric: Metric): HTMLElement[] {
  if (cell.number === null) return [make("span", { class: "score" }, "–")];
  const words = [make("strong", { class: "score" }, cell.headline)];
  if (cell.other) words.push(make("span", {}, spoken(metric.other), cell.other));
  if (cell.interval) words.push(make("span", {}, spoken("interval"), cell.interval));
  if (cell.gain) words.push(make("span", { class: "gain" }, spoken("over the mixture"), cell.gain));
  return words;
}

/** What sighted readers see by where it stands. */
function spoken(words: string): HTMLElement {
  return make("span", { class: "spoken" }, `${words} `);
}

/** Song by song: which dots are shown, their legend, and the same as a table. */

import { byId, make, makeSvg, table } from "../common/dom";
import { isSeparator, type Metric, type PageData } from "./data";
import { Dots } from "./dots";
import { Marks } from "./marks";
import { scrolling } from "./scrolling";
import { byName, descending, figure, numberOf } from "./values";

const NAME = ""; // no row's

export function connectSongs(data: PageData): void {
  const marks = new Marks(data.rows);
  const dots = new Dots(data, marks);
  byId("dots").append(legend(data, marks), dots.element);
  const [metrics, stems, orders] = ["metric", "stem", "order"].map((id) => byId<HTMLSelectElement>(id));
  metrics.append(...data.metrics.map(({ name, title }) => make("option", { value: name }, title)));
  orders.append(...data.rows.map(({ name }) => make("option", { value: name }, `Score of ${name}`)));
  orders.append(make("option", { value: NAME }, "Name of the song"));
  orders.value = (best(data) ?? data.rows[0]).name;

  const metric = () => data.metrics[metrics.selectedIndex];
  const showStems = () => {
    const stem = stems.value;
    stems.replaceChildren(...metric().columns.map((name) => make("option", {}, name)));
    stems.value = metric().columns.includes(stem) ? stem : metric().columns[0];
    show();
  };
  const show = () => {
    const songs = ordered(metric(), stems.value, orders.value);
    dots.show({ metric: metric(), stem: stems.value, songs });
    byId("songs-table").replaceChildren(songTable(metric(), stems.value, songs, data));
  };
  metrics.onchange = showStems;
  stems.onchange = show;
  orders.onchange = show;
  showStems();
}

/** The separator that leads the first table. */
function best(data: PageData): PageData["rows"][number] | undefined {
  const separators = data.rows.filter(isSeparator);
  const names = data.metrics[0].measured.map((line) => line.row);
  return separators.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name))[0];
}

function legend(data: PageData, marks: Marks): HTMLElement {
  const entries = data.rows.map(({ name, seen }) => {
    const mark = makeSvg("svg", { viewBox: "-10 -10 20 20", class: "legend", "aria-hidden": "true" }, marks.draw(name, 0, 0));
    return make("li", {}, mark, ` ${name}${seen ? " †" : ""}`);
  });
  return make("ul", { class: "legend-row", "aria-label": "What the marks mean" }, ...entries);
}

function ordered(metric: Metric, stem: string, row: string): string[] {
  const values = metric.values[stem]?.[row]?.map(numberOf) ?? [];
  const score = new Map(metric.songs.map((song, i) => [song, values[i] ?? NaN]));
  return [...metric.songs].sort((a, b) => descending(score.get(a) ?? NaN, score.get(b) ?? NaN) || byName(a, b));
}

function songTable(metric: Metric, stem: string, songs: string[], data: PageData): HTMLElement {
  const rows = songs.map((song) => {
    const at = metric.songs.indexOf(song);
    const values = data.rows.map(({ name }) => numberOf(metric.values[stem]?.[name]?.[at] ?? null));
    return [song, ...values.map((value) => figure(value, metric.decimals))];
  });
  const caption = `${metric.title} of ${stem}${metric.unit && `, in ${metric.unit}`}`;
  return scrolling(caption, table(caption, ["Song", ...data.rows.map(({ name }) => name)], rows));
}

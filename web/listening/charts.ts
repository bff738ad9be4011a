/** The audiogram and what each ear gets: drawn, said in a sentence, and as tables. */

import { Chart, type Axes } from "./axes";
import { isAmplified, SIDES, type PageData, type Side } from "./data";
import { byId, make, makeSvg, say, table } from "../common/dom";
import { AUDIOMETRIC_HZ, gainAt } from "./ear_filter";
import { earMarks, sign } from "./ear_marks";
import type { Mix } from "./mix";
import { dbShort } from "./words";

const FIRST_HZ = 125;
const DRAWN: readonly Side[] = ["right", "left"]; // so that an X lies upon an O

export function connectCharts(mix: Mix, data: PageData): void {
  const { left, right } = data.listener;
  const known = left !== null || right !== null;
  byId("ears").hidden = !known && !isAmplified(data);
  if (known) addAudiogram(data);
  if (isAmplified(data)) addGains(mix, data);
  say(byId("ears-words"), introduction(known, data));
}

function introduction(known: boolean, data: PageData): string {
  const test = known ? "The hearing test shows the softest tone that each ear hears at each pitch, low tones on the left: the lower the sign, the more hearing loss. " : "";
  const gain = isAmplified(data) ? "The gain shows by how much each ear’s sound is made louder there." : "Neither ear is amplified.";
  return test + gain;
}

function addAudiogram(data: PageData): void {
  const chart = new Chart({ ...frequencies(data), top_db: -10, bottom_db: 120, step_db: 10, unit: "dB HL" }, "");
  const ears = DRAWN.flatMap((side) => {
    const ear = data.listener[side];
    return ear ? earMarks(chart, side, { ...ear, db: ear.thresholds_db_hl }) : [];
  });
  chart.replace(audiogramWords(data), ears);
  byId("charts").append(figure("Hearing test", chart));
  byId("ear-tables").append(audiogramTable(data));
}

function addGains(mix: Mix, data: PageData): void {
  const chart = new Chart({ ...frequencies(data), ...gainRange(data), step_db: 10, unit: "dB" }, "");
  const place = make("div");
  byId("charts").append(figure("Gain", chart));
  byId("ear-tables").append(place);
  const show = () => {
    const curves = DRAWN.flatMap((side) => earMarks(chart, side, { ...gains(data, side, mix.strength), no_response_hz: [] }));
    chart.replace(gainWords(mix, data), curves);
    place.replaceChildren(gainTable(mix, data));
  };
  mix.onChange(show);
  show();
}

function figure(title: string, chart: Chart): HTMLElement {
  return make("figure", {}, make("figcaption", {}, make("h3", {}, title), legend()), chart.svg);
}

function legend(): HTMLElement {
  const entries = DRAWN.map((side) => {
    const picture = makeSvg("svg", { viewBox: "0 0 16 16", class: "legend", "aria-hidden": "true" }, sign(side, 8, 8));
    return make("span", {}, picture, ` ${side} ear`);
  });
  return make("p", { class: "legend-row" }, ...entries);
}

/** As far as anybody's points go, but 8 kHz at least. */
function frequencies({ listener }: PageData): Pick<Axes, "first_hz" | "last_hz"> {
  const tested = SIDES.flatMap((side) => listener[side]?.hz ?? []);
  return { first_hz: FIRST_HZ, last_hz: Math.max(...tested) > 8000 ? 16000 : 8000 };
}

function gainRange(data: PageData): Pick<Axes, "top_db" | "bottom_db"> {
  const all = SIDES.flatMap((side) => data.gains[side].db);
  const top = 10 * Math.ceil(Math.max(40, ...all) / 10);
  return { top_db: top, bottom_db: 10 * Math.floor(Math.min(0, ...all) / 10) };
}

function gains(data: PageData, side: Side, strength: number): { hz: number[]; db: number[] } {
  return { hz: AUDIOMETRIC_HZ, db: AUDIOMETRIC_HZ.map((hz) => strength * gainAt(data.gains[side], hz)) };
}

function audiogramWords(data: PageData): string {
  const ears = DRAWN.map((side) => {
    const ear = data.listener[side];
    if (!ear) return `${side} ear not tested`;
    const values = ear.hz.map((hz, i) => `${threshold(data, side, i)} at ${hz} hertz`);
    return `${side} ear: ${values.join(", ")}`;
  });
  return `Hearing test in dB HL. ${ears.join(". ")}.`;
}

function gainWords(mix: Mix, data: PageData): string {
  const ears = DRAWN.map((side) => {
    const { hz, db } = gains(data, side, mix.strength);
    return `${side} ear: ${hz.map((at, i) => `${Math.round(db[i])} at ${at} hertz`).join(", ")}`;
  });
  return `Gain in decibels at ${Math.round(100 * mix.strength)} percent. ${ears.join(". ")}.`;
}

function audiogramTable(data: PageData): HTMLTableElement {
  const tested = SIDES.flatMap((side) => data.listener[side]?.hz ?? []);
  const hz = [...new Set(tested)].sort((a, b) => a - b);
  const rows = hz.map((at) => [`${at} Hz`, ...DRAWN.map((side) => threshold(data, side, data.listener[side]?.hz.indexOf(at) ?? -1))]);
  return table("Hearing test, in dB HL", ["Pitch", "Right ear", "Left ear"], rows);
}

function threshold(data: PageData, side: Side, index: number): string {
  const ear = data.listener[side];
  if (!ear || index < 0) return "–";
  const level = String(ear.thresholds_db_hl[index]);
  return ear.no_response_hz.includes(ear.hz[index]) ? `no response below ${level}` : level;
}

function gainTable(mix: Mix, data: PageData): HTMLTableElement {
  const [right, left] = DRAWN.map((side) => gains(data, side, mix.strength).db.map(dbShort));
  const rows = AUDIOMETRIC_HZ.map((hz, i) => [`${hz} Hz`, right[i], left[i]]);
  return table(`Gain at ${Math.round(100 * mix.strength)} %`, ["Pitch", "Right ear", "Left ear"], rows);
}

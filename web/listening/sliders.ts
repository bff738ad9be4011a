/** The sliders and buttons of the mix. */

import { isAmplified, type PageData, type Preset } from "./data";
import { button, byId, make, press, say } from "../common/dom";
import { SOFTEST_SLIDER_DB, type Mix } from "./mix";
import { dbShort, dbSpoken, decibels, withMinus } from "./words";

export function connectSliders(mix: Mix, data: PageData): void {
  const rows = [
    ...mix.stems.map((stem) => connectStem(stem, mix, data)),
    ...(isAmplified(data) ? [connectStrength(mix, data)] : []),
    connectBalance(mix),
  ];
  const presets = data.presets.map((preset) => connectPreset(preset, mix));
  for (const id of ["stems-words", "stems"]) byId(id).hidden = !mix.stems.length;
  byId("presets-group").hidden = !mix.stems.length || !presets.length;
  byId("reset").onclick = () => mix.change(() => mix.reset());
  const show = () => {
    rows.forEach((row) => row());
    presets.forEach((preset) => preset());
    say(byId("evidence"), evidence(mix, data));
  };
  mix.onChange(show);
  show();
}

interface Slider {
  row: HTMLElement;
  input: HTMLInputElement;
  show: (value: number, short: string, spoken: string) => void;
}

function slider(id: string, name: string, range: { min: number; max: number; step: number }, spokenName = name): Slider {
  const input = make("input", { id, type: "range", ...range });
  const value = make("output", { for: id, class: "figures", "aria-live": "off" });
  const row = make("div", { class: "slider" }, make("label", { for: id }, name), value, input);
  const part = (number: number) => String((number - range.min) / (range.max - range.min));
  if (range.min < 0) input.classList.add("zero-marked");
  input.style.setProperty("--zero", part(0));
  const show = (number: number, short: string, spoken: string) => {
    input.value = String(number);
    input.style.setProperty("--filled", part(Number(input.value)));
    input.setAttribute("aria-valuetext", `${spokenName} ${spoken}`.trim());
    say(value, short);
  };
  return { row, input, show };
}

function connectStem(stem: string, mix: Mix, data: PageData): () => void {
  const { row, input, show } = slider(`stem-${encodeURIComponent(stem)}`, stem, { min: SOFTEST_SLIDER_DB, max: data.loudest_db, step: 0.5 });
  const mute = button("Mute", `Mute ${stem}`);
  const solo = button("Solo", `Solo ${stem}`);
  row.append(make("div", { class: "row" }, mute, solo));
  byId("stem-sliders").append(row);
  input.oninput = () => mix.change(() => mix.setGainDb(stem, sliderDb(input)));
  mute.onclick = () => mix.change(() => toggle(mix.muted, stem));
  solo.onclick = () => mix.change(() => toggle(mix.soloed, stem));
  return () => {
    const db = mix.gainDb(stem);
    show(Math.max(db, SOFTEST_SLIDER_DB), dbShort(db), dbSpoken(db));
    press(mute, mix.muted.has(stem));
    press(solo, mix.soloed.has(stem));
    row.classList.toggle("silent", !mix.isHeard(stem));
  };
}

function connectStrength(mix: Mix, data: PageData): () => void {
  const { row, input, show } = slider("strength", "Strength of the prescription", { min: 0, max: 100, step: 5 }, "");
  byId("ear-sliders").append(row, make("p", { class: "note" }, prescriptionWords(data)));
  input.oninput = () => mix.change(() => (mix.strength = Number(input.value) / 100));
  return () => {
    const percent = Math.round(100 * mix.strength);
    show(percent, `${percent} %`, `${percent} percent`);
  };
}

function connectBalance(mix: Mix): () => void {
  const { row, input, show } = slider("balance", "Balance between left and right", { min: -12, max: 12, step: 0.5 }, "");
  byId("ear-sliders").append(row);
  input.oninput = () => mix.change(() => (mix.balance_db = Number(input.value)));
  return () => {
    const db = mix.balance_db;
    const side = db < 0 ? "left" : "right";
    if (db === 0) show(db, "middle", "middle");
    else show(db, `${side} ${dbShort(Math.abs(db))}`, `${side} louder by ${decibels(Math.abs(db))}`);
  };
}

function connectPreset(preset: Preset, mix: Mix): () => void {
  const choice = make("button", { type: "button" }, make("strong", {}, preset.name), " ", make("span", {}, withMinus(preset.words)));
  choice.onclick = () => mix.change(() => mix.setAll(preset.gains_db));
  byId("presets").append(choice);
  return () => press(choice, mix.isLike(preset.gains_db));
}

function prescriptionWords({ prescription }: PageData): string {
  return `${prescription} says how much louder each ear should hear which pitch. At 0 % it gets nothing of that, at 100 % all.`;
}

function evidence(mix: Mix, data: PageData): string {
  const chosen = data.presets.find((preset) => mix.isLike(preset.gains_db));
  return chosen ? `Why these: ${chosen.evidence}.` : "These are your own gains.";
}

function sliderDb(input: HTMLInputElement): number {
  const db = Number(input.value);
  return db <= SOFTEST_SLIDER_DB ? -Infinity : db;
}

function toggle(set: Set<string>, value: string): void {
  if (!set.delete(value)) set.add(value);
}

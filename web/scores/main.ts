/** Puts the page together. */

import { byId, make, say } from "../common/dom";
import { connectShortcuts } from "../common/shortcuts";
import { SoundError } from "../common/sound_file";
import { readData, type Metric, type PageData } from "./data";
import { connectExamples, KEYS } from "./examples";
import { SIGNALS } from "./excerpt";
import { Player } from "./player";
import { scoreTable } from "./score_table";
import { connectSongs } from "./songs";
import { Sounds } from "./sounds";
import { exposeForTests } from "./testing";

const data = readData();
if (data === null) alarm("This page holds no scores. Make one with: hclarity eval --page");
else open(data);

function open(data: PageData): void {
  showTitle(data);
  byId("main").hidden = false;
  for (const metric of data.metrics) byId("tables").append(...metricParts(metric, data));
  connectSongs(data);
  const sounds = new Sounds();
  const player = new Player(sounds, (error) => alarm(wordsFor(error)));
  connectExamples(player, data);
  const letters = Object.fromEntries(SIGNALS.map((signal) => [KEYS[signal], () => player.hear(signal)]));
  connectShortcuts(letters, () => player.toggle(), () => byId<HTMLInputElement>("keys-on").checked);
  exposeForTests(player, sounds);
}

function showTitle(data: PageData): void {
  if (data.title) say(byId("title"), data.title);
  document.title = `${data.title || "Scores"} – scores page`;
  say(byId("made"), `Made by hclarity ${data.hclarity}. This page works without the internet and sends nothing anywhere.`);
}

function metricParts(metric: Metric, data: PageData): HTMLElement[] {
  const notes = [...metric.notes, ...metric.sources.map((source, i) => `[${i + 1}] ${source}`)];
  return [
    make("h3", {}, metric.title),
    make("p", { class: "note" }, `${capital(metric.definition)}.`),
    scoreTable(metric, data),
    make("p", { class: "note" }, legendOf(metric)),
    ...(notes.length ? [make("ul", { class: "notes" }, ...notes.map((note) => make("li", {}, note)))] : []),
  ];
}

/** What the lines of a cell are. */
function legendOf(metric: Metric): string {
  const cells = metric.measured.flatMap((line) => line.cells);
  const words = [`In each cell: the ${metric.headline} over songs; the ${metric.other}`];
  if (cells.some((cell) => cell.interval)) words.push(`the interval that holds the ${metric.headline} in 95 of 100 such choices of songs`);
  if (cells.some((cell) => cell.gain)) words.push(`with + or −, how far the ${metric.headline} is above the mixture’s`);
  return `${words.join("; ")}. Higher is better.`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function wordsFor(error: unknown): string {
  if (error instanceof SoundError) return error.message;
  return `The sound cannot be played here: ${error instanceof Error ? error.message : String(error)}`;
}

function alarm(words: string): void {
  const place = byId("alert");
  place.hidden = false;
  say(place, words);
}

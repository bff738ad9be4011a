/** Puts the page together. */

import { BlindTest } from "./blind_test";
import { connectCharts } from "./charts";
import { readData, type PageData } from "./data";
import { byId, say } from "../common/dom";
import { SoundError } from "../common/sound_file";
import { Graph } from "./graph";
import { Hearing } from "./hearing";
import { connectKeys } from "./keys";
import { LoudnessModel } from "./loudness";
import { Mix } from "./mix";
import { Player } from "./player";
import { earResponses } from "./responses";
import { connectSaving } from "./saving";
import { Segments } from "./segments";
import { settingsOf } from "./settings";
import { connectSliders } from "./sliders";
import { exposeForTests } from "./testing";
import { connectTransport, showLoudness, showPosition } from "./transport";
import { Waveform } from "./waveform";

void start();

async function start(): Promise<void> {
  const data = readData();
  if (data === null) return alarm("This page holds no song. Make one with: hclarity remix SONG --page");
  try {
    await open(data);
  } catch (error) {
    alarm(wordsFor(error));
  }
}

async function open(data: PageData): Promise<void> {
  showTitle(data);
  const mix = new Mix(data);
  const model = new LoudnessModel(data);
  const responses = earResponses(data);
  const settings = () => settingsOf(mix, model, data);
  byId("main").hidden = false;
  connectSliders(mix, data);
  connectCharts(mix, data);
  connectSaving(mix, data);

  const context = new AudioContext({ sampleRate: data.sample_rate });
  const graph = await Graph.create(context, data, responses, settings());
  const segments = new Segments(data);
  const player: Player = new Player(data, segments, context, graph, (error) => {
    alarm(wordsFor(error));
    player.pause();
  });
  const hearing = new Hearing(graph);
  connectTransport(player, hearing, data);
  connectKeys(player, hearing);
  new BlindTest(player, hearing, mix);
  keepDrawing(player, new Waveform(data, player), data);
  const apply = () => {
    graph.set(settings());
    showLoudness(settings(), data);
  };
  mix.onChange(apply);
  apply();
  exposeForTests({ data, mix, player, hearing, segments, responses, settings });
}

function showTitle(data: PageData): void {
  say(byId("title"), data.title);
  document.title = `${data.title} – listening page`;
  say(byId("made"), `Made by hclarity ${data.hclarity}. This page works without the internet and sends nothing anywhere.`);
}

function keepDrawing(player: Player, waveform: Waveform, data: PageData): void {
  const draw = () => {
    if (!player.playing) return;
    showPosition(player, data);
    waveform.draw();
    requestAnimationFrame(draw);
  };
  let playing = false;
  player.onChange(() => {
    if (player.playing && !playing) requestAnimationFrame(draw);
    playing = player.playing;
  });
}

function wordsFor(error: unknown): string {
  if (error instanceof SoundError) return error.message;
  if (!("AudioWorkletNode" in window)) {
    return "This browser is too old to play this page safely. Please use a current Chrome, Edge, Firefox or Safari.";
  }
  return `The sound cannot be played here: ${error instanceof Error ? error.message : String(error)}`;
}

function alarm(words: string): void {
  const place = byId("alert");
  place.hidden = false;
  say(place, words);
}

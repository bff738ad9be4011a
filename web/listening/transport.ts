/** The player's buttons and what they say. */

import { byId, press, say } from "../common/dom";
import { OPEN_NAMES, type Hearing } from "./hearing";
import type { Player } from "./player";
import type { Settings } from "./settings";
import type { PageData } from "./data";
import { clock, decibels, spokenTime } from "./words";

export function connectTransport(player: Player, hearing: Hearing, data: PageData): void {
  const position = byId<HTMLInputElement>("position");
  position.max = String(data.frames / data.sample_rate);
  position.oninput = () => player.seek(Number(position.value) * data.sample_rate);
  position.onfocus = () => sayPosition(player, data);
  byId("play").onclick = () => player.toggle();
  byId("before").onclick = () => hearing.hear("before");
  byId("after").onclick = () => hearing.hear("after");
  byId("loop").onclick = () => toggleLoop(player);
  byId("loop-start").onclick = () => startLoop(player);
  byId("loop-end").onclick = () => endLoop(player);
  player.onChange(() => showPlayer(player, data));
  hearing.onChange(() => showHearing(hearing));
  showPlayer(player, data);
  showHearing(hearing);
}

export function toggleLoop(player: Player): void {
  player.setLoop({ on: !player.loop.on });
}

export function startLoop(player: Player): void {
  player.setLoop({ on: true, first: player.position });
}

export function endLoop(player: Player): void {
  player.setLoop({ on: true, end: player.position });
}

/** What changes all the time while the song plays. */
export function showPosition(player: Player, data: PageData): void {
  const seconds = player.position / data.sample_rate;
  const all = data.frames / data.sample_rate;
  byId<HTMLInputElement>("position").value = String(seconds);
  say(byId("time"), `${clock(seconds)} of ${clock(all)}`);
}

export function showLoudness(settings: Settings, data: PageData): void {
  const softer = data.song_lufs === null || settings.lufs === null ? 0 : data.song_lufs - settings.lufs;
  const held = softer < 0.5 ? "" : ` Both are ${decibels(Math.round(softer))} softer than the song itself, to leave room for what your mix makes louder: turn up the volume a little, as far as is comfortable.`;
  say(byId("loudness"), `Both are equally loud, so that the louder one does not win.${held}`);
}

/** Not all the time, because screen readers would never be silent. */
function sayPosition(player: Player, data: PageData): void {
  const [seconds, all] = [player.position, data.frames].map((frame) => spokenTime(frame / data.sample_rate));
  byId("position").setAttribute("aria-valuetext", `${seconds} of ${all}`);
}

function showPlayer(player: Player, data: PageData): void {
  say(byId("play"), player.playing ? "Pause" : "Play");
  press(byId("loop"), player.loop.on);
  const [first, end] = [player.loop.first, player.loop.end].map((frame) => clock(frame / data.sample_rate));
  say(byId("passage"), `${first} to ${end}${player.loop.on ? ", repeated" : ""}`);
  showPosition(player, data);
  sayPosition(player, data);
}

function showHearing(hearing: Hearing): void {
  const open = hearing.names === OPEN_NAMES;
  press(byId("before"), open && hearing.version === "before");
  press(byId("after"), open && hearing.version === "after");
  say(byId("heard"), `You hear: ${hearing.name}`);
}

/** The examples to hear, and the one player that is in whichever is open. */

import { byId, make, press, say } from "../common/dom";
import { isSeparator, type Example, type PageData } from "./data";
import { gainOf, SIGNALS, type Signal } from "./excerpt";
import type { Player } from "./player";
import { quantity } from "./values";
import { drawWave } from "./wave";

const NAMES: Record<Signal, string> = {
  mixture: "Mixture",
  truth: "True stem",
  estimate: "Estimate",
  wrong: "What is wrong",
};

export const KEYS: Record<Signal, string> = { mixture: "m", truth: "t", estimate: "e", wrong: "w" };

interface Card {
  example: Example;
  button: HTMLButtonElement;
}

export function connectExamples(player: Player, data: PageData): void {
  const panel = new Panel(player);
  const cards = data.examples.map((example) => ({ example, button: cardButton(example, data) }));
  for (const row of data.rows.filter(isSeparator)) {
    const own = cards.filter(({ example }) => example.row === row.name);
    if (own.length) byId("examples").append(make("h3", {}, `${row.name}${row.seen ? " †" : ""}`), columns(own));
  }
  byId("listen-words").hidden = !cards.length;
  byId("no-examples").hidden = cards.length > 0;
  for (const { example, button } of cards) {
    button.onclick = () => {
      if (player.chosen === example.heard) return player.toggle();
      button.parentElement?.append(panel.element);
      void player.play(example.heard);
    };
  }
  player.onChange(() => {
    for (const { example, button } of cards) {
      if (example.heard) button.setAttribute("aria-expanded", String(player.chosen === example.heard));
    }
  });
}

function columns(cards: Card[]): HTMLElement {
  const lists = [true, false].map((good) => {
    const items = cards.filter(({ example }) => example.good === good).map(({ example, button }) => {
      return make("li", { class: "card" }, button, ...(example.heard ? [] : [problem(example)]));
    });
    return make("div", {}, make("h4", {}, good ? "Best" : "Worst"), make("ul", { class: "cards" }, ...items));
  });
  return make("div", { class: "columns" }, ...lists.filter((list) => list.querySelector("li")));
}

function cardButton(example: Example, data: PageData): HTMLButtonElement {
  const metric = data.metrics.find(({ name }) => name === example.metric);
  const score = metric ? `${metric.title} ${quantity(example.value, metric)}` : "";
  const button = make("button", { type: "button", class: "example" });
  button.append(make("strong", {}, example.stem), " ", make("span", {}, example.song), " ", make("span", { class: "figures" }, score));
  if (!example.heard) button.disabled = true;
  else button.setAttribute("aria-expanded", "false");
  return button;
}

function problem(example: Example): HTMLElement {
  return make("p", { class: "problem" }, `It cannot be heard: ${example.problem}`);
}

/** The player's buttons and what they say. */
class Panel {
  readonly element: HTMLElement;
  private readonly play = make("button", { type: "button", class: "main-button", id: "play" }, "Play");
  private readonly wave = make("canvas", { class: "wave", "aria-hidden": "true" });
  private readonly note = make("p", { class: "note" });
  private readonly heard = make("p", { id: "heard", "aria-live": "polite" });
  private readonly buttons: Record<Signal, HTMLButtonElement>;
  private frame = 0;

  constructor(private readonly player: Player) {
    const entries = SIGNALS.map((signal) => {
      const key = make("kbd", { "aria-hidden": "true" }, KEYS[signal].toUpperCase());
      const button = make("button", { type: "button", id: `hear-${signal}` }, `${NAMES[signal]} `, key);
      button.onclick = () => player.hear(signal);
      return [signal, button] as const;
    });
    this.buttons = Object.fromEntries(entries) as Record<Signal, HTMLButtonElement>;
    const versions = make("div", { class: "versions", role: "group", "aria-label": "What you hear" }, ...entries.map(([, button]) => button));
    const transport = make("div", { class: "row" }, this.play, this.heard);
    this.element = make("div", { class: "panel", role: "group", "aria-label": "Player" }, this.wave, transport, versions, this.note);
    this.play.onclick = () => player.toggle();
    player.onChange(() => this.show());
    new ResizeObserver(() => this.draw()).observe(this.wave);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  private show(): void {
    const { player } = this;
    say(this.play, player.playing ? "Pause" : "Play");
    for (const signal of SIGNALS) press(this.buttons[signal], signal === player.signal);
    say(this.heard, player.buffers || !player.playing ? `You hear: ${NAMES[player.signal].toLowerCase()}` : "Loading …");
    say(this.note, this.words());
    this.draw();
  }

  private words(): string {
    const { chosen, buffers } = this.player;
    if (!chosen || !buffers) return "";
    const begin = Math.floor(chosen.start_s);
    const clock = `${Math.floor(begin / 60)}:${String(begin % 60).padStart(2, "0")}`;
    const softer = -20 * Math.log10(gainOf(buffers));
    const held = softer < 0.05 ? "" : ` All four are made ${softer.toFixed(1)} dB softer, so that the loudest is not distorted.`;
    return `From ${clock} of the song, again and again.${held}`;
  }

  /** Now, and while it plays with each frame of the screen. */
  private draw(): void {
    const { player } = this;
    if (!player.buffers) return;
    drawWave(this.wave, player.buffers, player.signal, player.position);
    cancelAnimationFrame(this.frame);
    if (player.playing) this.frame = requestAnimationFrame(() => this.draw());
  }
}

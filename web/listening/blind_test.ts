/** Both versions in an order that nobody knows, and what is liked better. */

import { byId, press, say, table } from "../common/dom";
import type { Version } from "./graph";
import { OPEN_NAMES, type Hearing } from "./hearing";
import type { Mix } from "./mix";
import type { Player } from "./player";
import { chanceWords, preferenceWords, roundRows, type Round } from "./verdict";

const TELLING = ["versions", "mix", "ears", "saving", "loudness"]; // parts that tell what is heard
const STATES = ["blind-start", "blind-round", "blind-result"] as const;

export class BlindTest {
  private rounds: Round[] = [];
  private first: Version = "before";
  private readonly listenedTo = new Set<Version>();
  private running = false;
  private visibleBefore: string[] = [];

  constructor(
    private readonly player: Player,
    private readonly hearing: Hearing,
    private readonly mix: Mix,
  ) {
    byId("blind-begin").onclick = () => this.begin();
    byId("blind-again").onclick = () => this.begin();
    byId("blind-stop").onclick = () => this.finish();
    byId("first").onclick = () => hearing.hear(this.first);
    byId("second").onclick = () => hearing.hear(other(this.first));
    byId("prefer-first").onclick = () => this.choose(this.first);
    byId("prefer-second").onclick = () => this.choose(other(this.first));
    byId("prefer-none").onclick = () => this.choose("none");
    hearing.onChange(() => this.show());
    player.onChange(() => this.show());
    mix.onChange(() => this.show());
    this.show();
  }

  private get planned(): number {
    return Number(byId<HTMLSelectElement>("rounds").value);
  }

  private begin(): void {
    this.rounds = [];
    this.running = true;
    this.visibleBefore = TELLING.filter((id) => !byId(id).hidden);
    this.conceal(true);
    this.nextRound();
    void this.player.play();
  }

  private nextRound(): void {
    this.first = tossed() ? "before" : "after";
    this.listenedTo.clear();
    const names = { [this.first]: "the first", [other(this.first)]: "the second" } as Record<Version, string>;
    this.hearing.hear(this.first, names);
    say(byId("round"), `Round ${this.rounds.length + 1} of ${this.planned}`);
    this.enter("blind-round", "round");
  }

  private choose(choice: Round["choice"]): void {
    this.rounds.push({ first: this.first, choice });
    if (this.rounds.length < this.planned) this.nextRound();
    else this.finish();
  }

  private finish(): void {
    this.running = false;
    this.player.pause();
    this.conceal(false);
    this.hearing.hear("after", OPEN_NAMES);
    if (this.rounds.length) this.tellResult();
    else this.enter("blind-start", "blind-begin");
  }

  private tellResult(): void {
    say(byId("result"), preferenceWords(this.rounds));
    say(byId("chance"), chanceWords(this.rounds));
    const rows = roundRows(this.rounds);
    byId("result-table").replaceChildren(table("What you chose in each round", ["Round", "First was", "You liked better"], rows));
    this.enter("blind-result", "result-title");
  }

  private enter(state: (typeof STATES)[number], focus: string): void {
    for (const id of STATES) byId(id).hidden = id !== state;
    byId(focus).focus();
  }

  private conceal(hidden: boolean): void {
    for (const id of this.visibleBefore) byId(id).hidden = hidden;
  }

  private show(): void {
    byId<HTMLButtonElement>("blind-begin").disabled = this.mix.isUntouched;
    say(byId("blind-why-not"), this.mix.isUntouched ? "Your mix is the song as it was. Change something first." : "");
    if (this.running) this.showRound();
  }

  private showRound(): void {
    const { version } = this.hearing;
    if (this.player.playing) this.listenedTo.add(version);
    press(byId("first"), version === this.first);
    press(byId("second"), version !== this.first);
    const ready = this.listenedTo.size === 2;
    for (const id of ["prefer-first", "prefer-second", "prefer-none"]) byId<HTMLButtonElement>(id).disabled = !ready;
    say(byId("blind-hint"), ready ? "Which do you like better? Switch as often as you want." : "Listen to both, then choose.");
  }
}

function other(version: Version): Version {
  return version === "before" ? "after" : "before";
}

function tossed(): boolean {
  return crypto.getRandomValues(new Uint8Array(1))[0] < 128;
}

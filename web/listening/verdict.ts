/** What a blind test found, in plain words. */

import type { Version } from "./graph";
import { chanceOf } from "./sign_test";
import { count, times } from "./words";

export interface Round {
  first: Version;
  choice: Version | "none";
}

const CONVINCING = 0.05;

export function preferenceWords(rounds: Round[]): string {
  const { after, before, none } = tally(rounds);
  const undecided = none ? ` You found no difference ${times(none)}.` : "";
  return `In ${count(rounds.length, "round")} you liked your mix better ${times(after)}, and the song as it was ${times(before)}.${undecided}`;
}

export function chanceWords(rounds: Round[]): string {
  const { after, before } = tally(rounds);
  if (after + before === 0) return "You made no choice between the two, so neither is your favourite.";
  const chance = chanceOf(after, before);
  const hundred = chance < 0.01 ? "fewer than 1" : `about ${Math.round(100 * chance)}`;
  const coins = `Tossing a coin would give a result as one-sided as this in ${hundred} of 100 tests.`;
  if (chance >= CONVINCING) return `This could be chance. ${coins} More rounds can tell better.`;
  const favourite = after > before ? "your mix" : "the song as it was";
  return `This is hardly chance: you really do prefer ${favourite}. ${coins}`;
}

export function roundRows(rounds: Round[]): string[][] {
  const names = { before: "the song as it was", after: "your mix", none: "no difference" };
  return rounds.map(({ first, choice }, i) => [String(i + 1), names[first], names[choice]]);
}

function tally(rounds: Round[]): Record<Round["choice"], number> {
  const of = (choice: Round["choice"]) => rounds.filter((round) => round.choice === choice).length;
  return { after: of("after"), before: of("before"), none: of("none") };
}

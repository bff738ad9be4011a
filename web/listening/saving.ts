/** What was chosen, as a file that the command reads. */

import type { PageData } from "./data";
import { byId, make, say } from "../common/dom";
import type { Mix } from "./mix";

export function connectSaving(mix: Mix, data: PageData): void {
  say(byId("command"), data.command);
  byId("save").onclick = () => {
    download(data.gains_file, `${JSON.stringify(saved(mix, data), null, 2)}\n`);
    say(byId("saved"), `Saved as “${data.gains_file}”, where this browser puts its downloads.`);
  };
}

function saved(mix: Mix, data: PageData): object {
  const gains = mix.stems.map((stem) => [stem, mix.isHeard(stem) ? mix.gainDb(stem) : data.softest_db]);
  return {
    stem_gains_db: Object.fromEntries(gains),
    prescription_percent: Math.round(100 * mix.strength),
    left_db: mix.left_db,
    right_db: mix.right_db,
  };
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

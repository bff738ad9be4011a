/** Keys that work wherever the focus is. */

import { byId } from "../common/dom";
import { connectShortcuts } from "../common/shortcuts";
import type { Hearing } from "./hearing";
import type { Player } from "./player";
import { endLoop, startLoop, toggleLoop } from "./transport";

export function connectKeys(player: Player, hearing: Hearing): void {
  const letters: Record<string, () => void> = {
    b: () => hearing.switch(),
    l: () => toggleLoop(player),
    "[": () => startLoop(player),
    "]": () => endLoop(player),
  };
  connectShortcuts(letters, () => player.toggle(), () => byId<HTMLInputElement>("keys-on").checked);
}

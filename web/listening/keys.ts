/** Keys that work wherever the focus is. */

import { byId } from "./dom";
import type { Hearing } from "./hearing";
import type { Player } from "./player";
import { endLoop, startLoop, toggleLoop } from "./transport";

const TYPING = "input:not([type=range]):not([type=checkbox]), select, textarea";
const ACTIVATED_BY_SPACE = "button, summary, a, input[type=checkbox]";

export function connectKeys(player: Player, hearing: Hearing): void {
  const letters: Record<string, () => void> = {
    b: () => hearing.switch(),
    l: () => toggleLoop(player),
    "[": () => startLoop(player),
    "]": () => endLoop(player),
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target as Element;
    if (isShortcutOfOthers(event) || target.closest(TYPING)) return;
    const act = event.key === " " ? spaceAction(player, target) : lettersOn() ? letters[event.key.toLowerCase()] : undefined;
    if (!act || event.repeat) return;
    event.preventDefault();
    act();
  });
}

function spaceAction(player: Player, target: Element): (() => void) | undefined {
  return target.closest(ACTIVATED_BY_SPACE) ? undefined : () => player.toggle();
}

function lettersOn(): boolean {
  return byId<HTMLInputElement>("keys-on").checked;
}

/** Brackets need AltGr on many keyboards, which some browsers report as Ctrl and Alt. */
function isShortcutOfOthers(event: KeyboardEvent): boolean {
  return !event.getModifierState("AltGraph") && (event.ctrlKey || event.altKey || event.metaKey);
}

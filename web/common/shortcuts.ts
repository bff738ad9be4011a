/** Keys that work wherever the focus is: letters where they are switched on, and the space bar. */

const TYPING = "input:not([type=range]):not([type=checkbox]), select, textarea";
const ACTIVATED_BY_SPACE = "button, summary, a, input[type=checkbox]";

export function connectShortcuts(letters: Record<string, () => void>, space: () => void, lettersOn: () => boolean): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as Element;
    if (isShortcutOfOthers(event) || target.closest(TYPING)) return;
    const act = event.key === " " ? spaceAction(space, target) : lettersOn() ? letters[event.key.toLowerCase()] : undefined;
    if (!act) return;
    event.preventDefault(); // also while a key is held, or the space bar would scroll
    if (!event.repeat) act();
  });
}

function spaceAction(space: () => void, target: Element): (() => void) | undefined {
  return target.closest(ACTIVATED_BY_SPACE) ? undefined : space;
}

/** Brackets need AltGr on many keyboards, which some browsers report as Ctrl and Alt. */
function isShortcutOfOthers(event: KeyboardEvent): boolean {
  return !event.getModifierState("AltGraph") && (event.ctrlKey || event.altKey || event.metaKey);
}

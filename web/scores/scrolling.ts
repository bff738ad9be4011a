/** What may be wider than the page scrolls by itself, also by keyboard. */

import { make } from "../common/dom";

export function scrolling(label: string, content: HTMLElement): HTMLElement {
  return make("div", { class: "scrolling", tabindex: 0, role: "region", "aria-label": label }, content);
}

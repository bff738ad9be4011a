/** Which version is heard, and what it is called now. */

import type { Graph, Version } from "./graph";

export const OPEN_NAMES: Record<Version, string> = { before: "before", after: "after" };

export class Hearing {
  version: Version = "after";
  names = OPEN_NAMES; // others in a blind test, where nothing may tell which is which
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly graph: Graph) {}

  get name(): string {
    return this.names[this.version];
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  hear(version: Version, names = this.names): void {
    this.version = version;
    this.names = names;
    this.graph.hear(version);
    for (const listener of this.listeners) listener();
  }

  switch(): void {
    this.hear(this.version === "before" ? "after" : "before");
  }
}

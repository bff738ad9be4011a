/** The examples' sound: a script beside the page for each, loaded when it is first played. */

import { damaged, decoded, runScript } from "../common/sound_file";
import type { Example } from "./data";
import { SIGNALS, type Buffers } from "./excerpt";

declare global {
  interface Window {
    hclarityExample?: (number: number, signals: string[]) => void;
  }
}

export type Heard = NonNullable<Example["heard"]>;

const RATE = 48000; // of all sound beside the page

export class Sounds {
  private readonly decoder = new OfflineAudioContext(2, 1, RATE);
  private readonly loading = new Map<number, Promise<Buffers>>();
  private readonly arrived = new Map<number, string[]>();

  constructor() {
    window.hclarityExample = (number, signals) => this.arrived.set(number, signals);
  }

  load(heard: Heard): Promise<Buffers> {
    const known = this.loading.get(heard.number);
    if (known) return known;
    const loading = this.read(heard);
    this.loading.set(heard.number, loading);
    loading.catch(() => this.loading.delete(heard.number));
    return loading;
  }

  private async read({ number, seconds }: Heard): Promise<Buffers> {
    const file = `sound/${String(number).padStart(4, "0")}.js`;
    await runScript(file);
    const sounds = this.arrived.get(number);
    this.arrived.delete(number);
    if (sounds?.length !== SIGNALS.length) throw damaged(file);
    const buffers = await Promise.all(sounds.map((sound) => (sound ? decoded(sound, this.decoder, "of this example") : silence(seconds))));
    return Object.fromEntries(SIGNALS.map((signal, i) => [signal, buffers[i]])) as Buffers;
  }
}

function silence(seconds: number): AudioBuffer {
  return new AudioBuffer({ length: Math.max(1, Math.round(seconds * RATE)), numberOfChannels: 2, sampleRate: RATE });
}

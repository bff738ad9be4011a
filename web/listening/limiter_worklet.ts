/** The limiter as the browser's audio thread runs it. */

import { Limiter } from "./limiter";

declare const sampleRate: number;
declare class AudioWorkletProcessor {}
declare function registerProcessor(name: string, processor: unknown): void;

class LimiterProcessor extends AudioWorkletProcessor {
  private readonly limiter: Limiter;

  constructor(options: { processorOptions: { ceiling: number } }) {
    super();
    this.limiter = new Limiter(options.processorOptions.ceiling, sampleRate);
  }

  process([heard]: Float32Array[][], [out]: Float32Array[][]): boolean {
    this.limiter.process(heard, out);
    return true;
  }
}

registerProcessor("limiter", LimiterProcessor);

/** What tests see of the page. */

import { base64OfFloats } from "../common/base64";
import { Run, SIGNALS, type Buffers, type Signal } from "./excerpt";
import type { Player } from "./player";
import type { Heard, Sounds } from "./sounds";

export function exposeForTests(player: Player, sounds: Sounds): void {
  const hclarity = {
    state: () => ({
      playing: player.playing,
      heard: player.signal,
      example: player.chosen?.number ?? null,
      loaded: player.buffers !== null,
      position_s: player.position,
    }),
    decoded: async (heard: Heard) => {
      const buffers = await sounds.load(heard);
      return Object.fromEntries(SIGNALS.map((signal) => [signal, channelsOf(buffers[signal])]));
    },
    render: async (heard: Heard, signal: Signal, offset_s: number, seconds: number) =>
      channelsOf(await rendered(await sounds.load(heard), signal, offset_s, seconds)),
  };
  Object.assign(window, { hclarity });
}

function rendered(buffers: Buffers, signal: Signal, offset: number, seconds: number): Promise<AudioBuffer> {
  const rate = buffers.mixture.sampleRate;
  const context = new OfflineAudioContext(2, Math.round(seconds * rate), rate);
  new Run(context, buffers, signal, 0, offset);
  return context.startRendering();
}

function channelsOf(buffer: AudioBuffer): string[] {
  return Array.from({ length: buffer.numberOfChannels }, (_, channel) => base64OfFloats(buffer.getChannelData(channel)));
}

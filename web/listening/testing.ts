/** What tests see of the page. */

import { base64OfFloats } from "../common/base64";
import type { PageData, Side } from "./data";
import type { Responses } from "./ear";
import type { Version } from "./graph";
import type { Hearing } from "./hearing";
import type { Mix } from "./mix";
import { rendered } from "./offline";
import type { Player } from "./player";
import { filterGainsDb } from "./responses";
import { Segments } from "./segments";
import type { Settings } from "./settings";

export interface Parts {
  data: PageData;
  mix: Mix;
  player: Player;
  hearing: Hearing;
  segments: Segments;
  responses: Record<Side, Responses>;
  settings: () => Settings;
}

interface RenderOptions {
  version?: Version;
  from_s?: number;
  to_s?: number;
}

export function exposeForTests(parts: Parts): void {
  const { data, mix, responses } = parts;
  const hclarity = {
    offlineRender: (options: RenderOptions = {}) => offlineRender(parts, options),
    state: () => state(parts),
    filterGainsDb: () => filterGainsDb(responses, mix.strength, data.sample_rate),
  };
  Object.assign(window, { hclarity });
}

async function offlineRender({ data, segments, responses, settings }: Parts, options: RenderOptions): Promise<object> {
  const { version = "after", from_s = 0, to_s = Infinity } = options;
  const first = Math.round(from_s * data.sample_rate);
  const end = Math.round(Math.min(data.frames, to_s * data.sample_rate));
  const { left, right } = await rendered({ version, first, end }, settings(), data, segments, responses);
  return { sample_rate: data.sample_rate, frames: end - first, left: base64OfFloats(left), right: base64OfFloats(right) };
}

function state({ data, mix, player, hearing, settings }: Parts): object {
  const now = settings();
  const { on, first, end } = player.loop;
  return {
    gains_db: Object.fromEntries(mix.stems.map((stem) => [stem, mix.isHeard(stem) ? mix.gainDb(stem) : null])),
    muted: [...mix.muted],
    soloed: [...mix.soloed],
    strength: mix.strength,
    balance_db: mix.balance_db,
    left_db: mix.left_db,
    right_db: mix.right_db,
    offset_db: now.offset_db,
    before_offset_db: now.before_offset_db,
    lufs: now.lufs,
    peak_db: now.peak_db,
    playing: player.playing,
    position_s: player.position / data.sample_rate,
    hearing: hearing.name,
    loop: { on, start_s: first / data.sample_rate, end_s: end / data.sample_rate },
  };
}

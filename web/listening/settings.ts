/** From what the listener has chosen to what the sound passes through. */

import type { PageData } from "./data";
import type { HeardMix, LoudnessModel, MixLevels } from "./loudness";
import type { Mix } from "./mix";

export interface Settings extends HeardMix {
  offset_db: number; // common to both ears, so that the mix is as loud as its target
  before_offset_db: number; // so that the song as it was is as loud as the mix
  lufs: number | null; // of the mix as it is heard
  peak_db: number; // the same, before the limiter
}

export function settingsOf(mix: Mix, model: LoudnessModel, data: PageData): Settings {
  const heard = mix.heard();
  const levels = model.of(heard);
  const unchanged = mix.isUntouched && data.target_is_song;
  const offset = unchanged ? 0 : offsetDb(levels, data);
  const lufs = levels.lufs === null ? null : levels.lufs + offset;
  const before = unchanged || lufs === null || data.song_lufs === null ? 0 : lufs - data.song_lufs;
  return { ...heard, offset_db: offset, before_offset_db: before, lufs, peak_db: levels.peak_db + offset };
}

/** Held back where the limiter would have to take off too much. */
function offsetDb({ lufs, peak_db }: MixLevels, data: PageData): number {
  if (lufs === null || data.target_lufs === null) return 0;
  return Math.min(data.target_lufs - lufs, data.ceiling_dbtp + data.most_limiting_db - peak_db);
}

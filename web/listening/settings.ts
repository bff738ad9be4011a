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
  const wanted = mix.isUntouched && data.target_is_song ? 0 : gainTo(data.target_lufs, levels.lufs);
  const own = Math.min(wanted, room(levels, data));
  const before = gainTo(addTo(levels.lufs, own), data.song_lufs);
  // Where the song as it was has less room, both are held back: else it would be squeezed.
  const held = Math.max(0, before - room(model.song, data));
  const offset_db = own - held;
  const lufs = addTo(levels.lufs, offset_db);
  return { ...heard, offset_db, before_offset_db: before - held, lufs, peak_db: levels.peak_db + offset_db };
}

/** How much gain there may be before the limiter would have to take off too much. */
function room({ peak_db }: MixLevels, data: PageData): number {
  return data.ceiling_dbtp + data.most_limiting_db - peak_db;
}

/** What makes something as loud as something else; none where either has no loudness. */
function gainTo(target: number | null, lufs: number | null): number {
  return target === null || lufs === null ? 0 : target - lufs;
}

function addTo(lufs: number | null, gain: number): number | null {
  return lufs === null ? null : lufs + gain;
}

/** The command's presets, in words for everybody. */
const TITLES: Record<string, string> = {
  original: "As it was mixed",
  "ha-mild": "A little more voice",
  lyrics: "More voice",
  "lyrics-strong": "Much more voice",
  beat: "More beat",
  ci: "For cochlear implants",
};

/** A preset that is not known here keeps its name. */
export function presetTitle(name: string): string {
  return TITLES[name] ?? name;
}

/** Sound beside a page comes in scripts: a page that is opened from a disk may load nothing else. */

import { bytesOf } from "./base64";

/** Something that went wrong, in words for the page. */
export class SoundError extends Error {}

/** Run a script beside this page. */
export function runScript(file: string): Promise<void> {
  const script = document.createElement("script");
  script.src = file;
  document.head.append(script);
  return new Promise<void>((resolve, reject) => {
    script.onload = () => resolve();
    script.onerror = () =>
      reject(new SoundError(`The file ${file} is missing. Please keep this page and its folder “sound” together.`));
  }).finally(() => script.remove());
}

/** Decode Ogg Opus in Base64; `place` says in a sentence where it sounds. */
export async function decoded(sound: string, decoder: BaseAudioContext, place: string): Promise<AudioBuffer> {
  try {
    return await decoder.decodeAudioData(bytesOf(sound).buffer);
  } catch {
    throw new SoundError(`This browser cannot read the sound ${place}. Please try a current Chrome, Edge, Firefox or Safari.`);
  }
}

export function damaged(file: string): SoundError {
  return new SoundError(`The file ${file} beside this page is damaged. Please make the page again.`);
}

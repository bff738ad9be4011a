/** The filter of each ear for any strength; each is designed once. */

import { SIDES, type PageData, type Side } from "./data";
import type { Responses } from "./ear";
import { AUDIOMETRIC_HZ, earResponse, realisedDb } from "./ear_filter";

export function earResponses(data: PageData): Record<Side, Responses> {
  const [left, right] = SIDES.map((side) => {
    const designed = new Map<number, Float32Array<ArrayBuffer>>();
    return (strength: number) => {
      const response = designed.get(strength) ?? earResponse(data.gains[side], strength, data.sample_rate);
      designed.set(strength, response);
      return response;
    };
  });
  return { left, right };
}

/** What each ear's filter really gives, in dB at the audiometric frequencies. */
export function filterGainsDb(responses: Record<Side, Responses>, strength: number, rate: number): Record<Side, Record<string, number>> {
  const [left, right] = SIDES.map((side) => {
    const gains = realisedDb(responses[side](strength), AUDIOMETRIC_HZ, rate);
    return Object.fromEntries(AUDIOMETRIC_HZ.map((hz, i) => [String(hz), gains[i]]));
  });
  return { left, right };
}

/** Numbers as people read and hear them. */

/** As it is read, on one line: "+3 dB", "−2.5 dB", "off". */
export function dbShort(db: number): string {
  if (db === -Infinity) return "off";
  return `${db > 0 ? "+" : db < 0 ? "−" : ""}${tidy(Math.abs(db))}\u00a0dB`;
}

/** As a screen reader says it: "plus 3 decibels", "off". */
export function dbSpoken(db: number): string {
  if (db === -Infinity) return "off";
  return `${db > 0 ? "plus " : db < 0 ? "minus " : ""}${decibels(Math.abs(db))}`;
}

export function decibels(db: number): string {
  return `${tidy(db)} ${tidy(db) === "1" ? "decibel" : "decibels"}`;
}

/** As on a clock: "1:05". */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds + 1e-6);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function spokenTime(seconds: number): string {
  const whole = Math.floor(seconds + 1e-6);
  const minutes = Math.floor(whole / 60);
  const rest = count(whole % 60, "second");
  return minutes ? `${count(minutes, "minute")} ${rest}` : rest;
}

export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** "never", "once", "twice", "3 times". */
export function times(number: number): string {
  return ["never", "once", "twice"][number] ?? count(number, "time");
}

/** With a minus sign instead of a hyphen before numbers. */
export function withMinus(text: string): string {
  return text.replace(/-(?=\d)/g, "−");
}

function tidy(value: number): string {
  return String(Math.round(10 * value) / 10);
}

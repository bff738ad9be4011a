/**
 * A value of the sound that moves to another without a click.
 *
 * It knows by itself where it is, because not every browser tells what a ramp has reached.
 */
export class Fader {
  private from: number;
  private to: number;
  private start = 0; // s
  private end = 0;

  constructor(
    private readonly context: BaseAudioContext,
    private readonly param: AudioParam,
    value: number,
  ) {
    this.from = this.to = value;
    param.value = value;
  }

  /** Be there after so many seconds; at once where nothing sounds yet. */
  moveTo(value: number, seconds: number, start = this.context.currentTime): void {
    if (value === this.to) return;
    if (this.context.state === "running") this.ramp(value, start, start + seconds);
    else this.jump(value);
  }

  private ramp(value: number, start: number, end: number): void {
    Object.assign(this, { from: this.valueAt(start), to: value, start, end });
    this.param.cancelScheduledValues(this.context.currentTime);
    this.param.setValueAtTime(this.from, start);
    this.param.linearRampToValueAtTime(value, end);
  }

  private jump(value: number): void {
    Object.assign(this, { from: value, to: value, start: 0, end: 0 });
    this.param.cancelScheduledValues(0);
    this.param.setValueAtTime(value, this.context.currentTime);
  }

  private valueAt(time: number): number {
    if (time >= this.end) return this.to;
    const part = Math.max(0, (time - this.start) / (this.end - this.start));
    return this.from + part * (this.to - this.from);
  }
}

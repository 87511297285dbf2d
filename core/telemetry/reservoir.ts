/**
 * A uniform random sample of bounded size over a stream of unknown length: percentiles of the sample
 * estimate those of the stream at a fixed cost in memory.
 * Source: algorithm R, in J. S. Vitter, "Random Sampling with a Reservoir", ACM TOMS 11(1), 1985.
 */
export class Reservoir {
  private sample: number[] = [];
  private readonly size: number;
  private readonly random: () => number;
  private seen = 0;
  /** Samples the same values for a reader of its own, whose intervals are shorter. */
  alongside: Reservoir | undefined;

  constructor(size: number, random: () => number = Math.random) {
    this.size = size;
    this.random = random;
  }

  add(value: number): void {
    this.alongside?.add(value);
    this.seen += 1;
    if (this.sample.length < this.size) {
      this.sample.push(value);
      return;
    }
    const slot = Math.floor(this.random() * this.seen);
    if (slot < this.size) this.sample[slot] = value;
  }

  values(): readonly number[] {
    return this.sample;
  }

  /** Values since the last sample was taken. */
  count(): number {
    return this.seen;
  }

  /** The sample, and the beginning of the next one. */
  take(): readonly number[] {
    const { sample } = this;
    this.sample = [];
    this.seen = 0;
    return sample;
  }
}

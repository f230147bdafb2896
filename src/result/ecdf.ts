import type { Histogram, JsHistogram } from "hdr-histogram-js";

import { decode, type Times } from "./times.ts";

/** Samples of `from` microseconds and more, but less than `to`. */
export interface Bin {
  from: number;
  to: number;
  count: number;
}

/** As in Times. */
export type Sampled = Pick<Times, "histogram" | "unanswered">;

/**
 * An empirical cumulative distribution function: which share of the samples is
 * below a time, and which time a share of them is below.
 */
export class Ecdf {
  /** Those with samples, in order of time. */
  readonly bins: readonly Bin[];
  /** How many samples have a time. */
  readonly answered: number;
  /** All samples: those without a time are above all others. */
  readonly count: number;
  /** How many samples lie before each bin, and at the end all of them. */
  private readonly before: number[] = [0];

  constructor(histogram: Histogram, unanswered = 0) {
    // The bins are public there, but not in the type that it builds.
    const counted = histogram as JsHistogram;
    const bins: Bin[] = [];
    let count = 0;
    for (let index = 0; index < counted.countsArrayLength; index += 1) {
      const here = counted.getCountAtIndex(index);
      if (here === 0) continue;
      const from = counted.valueFromIndex(index);
      bins.push({
        from,
        to: counted.nextNonEquivalentValue(from),
        count: here,
      });
      count += here;
      this.before.push(count);
    }
    this.bins = bins;
    this.answered = count;
    this.count = count + unanswered;
  }

  static of({ histogram, unanswered }: Sampled): Ecdf {
    return new Ecdf(decode(histogram), unanswered);
  }

  /** The first bin that ends beyond a time; `bins.length` if none does. */
  private indexOf(us: number): number {
    let low = 0;
    let high = this.bins.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.bins[middle]!.to <= us) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * The shares of samples before and up to the bin that holds a time: within a
   * bin nobody knows.
   */
  shareAt(us: number): { before: number; upTo: number } {
    const index = this.indexOf(us);
    const bin = this.bins[index];
    const inside = bin !== undefined && bin.from <= us;
    return {
      before: this.before[index]! / this.count,
      upTo: this.before[inside ? index + 1 : index]! / this.count,
    };
  }

  /**
   * About how many samples are below a time: those of its bin are taken to lie
   * evenly in it, since nobody knows.
   */
  countBelow(us: number): number {
    const index = this.indexOf(us);
    const { from, to, count } = this.bins[index] ?? {
      from: us,
      to: us,
      count: 0,
    };
    const inside = us > from ? (us - from) / (to - from) : 0;
    return this.before[index]! + count * inside;
  }

  /**
   * The bin of the sample at a share; undefined where it has no time, or there
   * are no samples.
   */
  binAt(share: number): Bin | undefined {
    // A product such as 0.07 * 100 is a little above 7, the rank that is meant.
    const exact = share * this.count * (1 - Number.EPSILON);
    const rank = Math.min(Math.max(Math.ceil(exact), 1), this.count);
    if (rank > this.answered) return undefined;
    let low = 0;
    let high = this.bins.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.before[middle + 1]! < rank) low = middle + 1;
      else high = middle;
    }
    return this.bins[low];
  }
}

import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

import { checkEncoded } from "./encoded.ts";
import { byPercentile, type Percentile, PERCENTILES } from "./percentiles.ts";

/** Times in microseconds, as one run or a merge of runs saw them. */
export interface Times extends Record<Percentile, number | null> {
  unit: "us";
  count: number;
  min: number | null;
  mean: number | null;
  max: number | null;
  /**
   * How many messages have no time, since no answer came: they took longer than
   * all that have one. Absent where none can be missing.
   */
  unanswered?: number;
  /** HdrHistogram V2, compressed, base64; its values are microseconds. */
  histogram: string;
}

// HdrHistogram's layout for three significant digits, which its tools and the
// library that encodes it share: 2048 sub-buckets, of which each further power
// of two uses the upper 1024.
const SUB_BITS = 11;
const HALF = 1 << (SUB_BITS - 1);
/** Just under 36 minutes; anything longer counts as this. */
const LONGEST = 2 ** 31 - 1;
const BINS = (32 - SUB_BITS) * HALF + HALF;

function binOf(us: number): number {
  const shift = 32 - SUB_BITS - Math.clz32(us);
  return shift <= 0 ? us : (shift << (SUB_BITS - 1)) + (us >>> shift);
}

/** The lowest time that falls into a bin. */
function lowestOf(bin: number): number {
  if (bin < 2 * HALF) return bin;
  const shift = (bin >>> (SUB_BITS - 1)) - 1;
  return ((bin & (HALF - 1)) + HALF) * 2 ** shift;
}

/** Counts by time: one addition to record, one a bin to merge. */
export class TimeCounts {
  readonly counts = new Float64Array(BINS);

  /** @param us microseconds; anything below 0 counts as 0 */
  record(us: number): void {
    this.counts[binOf(us > LONGEST ? LONGEST : us > 0 ? us | 0 : 0)]! += 1;
  }

  add(other: TimeCounts): void {
    for (let bin = 0; bin < BINS; bin += 1) {
      this.counts[bin]! += other.counts[bin]!;
    }
  }

  get total(): number {
    let total = 0;
    for (let bin = 0; bin < BINS; bin += 1) total += this.counts[bin]!;
    return total;
  }

  /** As percentile() of its histogram, which takes a hundred times as long. */
  percentile(at: number, unanswered = 0): number | null {
    const { total } = this;
    const rank = rankAt(at, total, unanswered);
    if (rank === null) return null;
    let reached = 0;
    let bin = -1;
    while (reached < rank) reached += this.counts[++bin]!;
    return at === 0 ? lowestOf(bin) : lowestOf(bin + 1) - 1;
  }

  /** How many took longer. */
  above(us: number): number {
    let above = 0;
    for (let bin = binOf(us) + 1; bin < BINS; bin += 1) {
      above += this.counts[bin]!;
    }
    return above;
  }

  /** About a kilobyte, in a tenth of a millisecond. */
  pack(): Uint8Array {
    return Bun.zstdCompressSync(this.counts, { level: 1 });
  }

  static unpack(packed: Uint8Array): TimeCounts {
    const unpacked = new TimeCounts();
    const bytes = Bun.zstdDecompressSync(packed);
    new Uint8Array(unpacked.counts.buffer).set(bytes);
    return unpacked;
  }

  toHistogram(): Histogram {
    const histogram = newHistogram();
    this.counts.forEach((count, bin) => {
      if (count > 0) histogram.recordValueWithCount(lowestOf(bin), count);
    });
    return histogram;
  }
}

const LAYOUT = { digits: 3, lowest: 1, highest: LONGEST, bins: BINS };
/** Of a count: doubles, which are exact up to 2^53. */
const COUNT_BITS = 64;

export function newHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: LAYOUT.lowest,
    highestTrackableValue: LAYOUT.highest,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: COUNT_BITS,
    useWebAssembly: false,
  });
}

/**
 * @param base64 as in a result: it may be anyone's
 * @throws Error where it is no histogram of ours
 */
export function decode(base64: string): Histogram {
  checkEncoded(base64, LAYOUT);
  return decodeFromCompressedBase64(base64, COUNT_BITS, false);
}

/**
 * Samples a percentile needs before it is more than its largest sample: 1,000
 * for p99.9.
 */
export function samplesFor(at: number): number {
  return at < 100 ? Math.round(100 / (100 - at)) : 1;
}

/**
 * Which sample, counted from the fastest, is at a percentile; null where too
 * few are behind it, or where it is one of those without an answer.
 */
function rankAt(at: number, count: number, unanswered: number): number | null {
  const all = count + unanswered;
  if (all < samplesFor(at)) return null;
  // The quotient may come out a digit above the whole number that it is.
  const rank = Math.ceil((at / 100) * all * (1 - Number.EPSILON));
  return rank <= count ? Math.max(rank, 1) : null;
}

/**
 * The time at a percentile; null where it can't be told.
 * @param unanswered how many took longer than all in the histogram
 */
export function percentile(
  histogram: Histogram,
  at: number,
  unanswered = 0,
): number | null {
  const count = histogram.totalCount;
  const rank = rankAt(at, count, unanswered);
  if (rank === null) return null;
  return histogram.getValueAtPercentile(
    unanswered === 0 ? at : (rank / count) * 100,
  );
}

/** @param unanswered as in Times: absent where none can be missing */
export function timesOf(histogram: Histogram, unanswered?: number): Times {
  const count = histogram.totalCount;
  const some = count > 0;
  const complete = some && !unanswered;
  return {
    unit: "us",
    count,
    min: some ? histogram.getValueAtPercentile(0) : null,
    mean: complete ? Math.round(histogram.mean * 10) / 10 : null,
    ...byPercentile((key) =>
      percentile(histogram, PERCENTILES[key], unanswered),
    ),
    // What the histogram says of itself changes when it is encoded.
    max: complete ? histogram.getValueAtPercentile(100) : null,
    ...(unanswered !== undefined && { unanswered }),
    histogram: encodeIntoCompressedBase64(histogram),
  };
}

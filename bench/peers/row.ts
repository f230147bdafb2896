import { formatRate, formatTime, NONE } from "../../src/report/numbers.ts";

/** What a round told of one server. */
export interface Measured {
  rate: number;
  p50: number | null;
  p99: number | null;
  ok: boolean;
}

/** A server's rounds; null where one could not be measured. */
export type Rounds = readonly (Measured | null)[];

function median(numbers: readonly (number | null)[]): number | null {
  const sorted = numbers
    .filter((number) => number !== null)
    .toSorted((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

function ratioText(own: Rounds, base: Rounds): string {
  const ratios = own.flatMap((one, round) => {
    const other = base[round]?.rate;
    return one && other ? [one.rate / other] : [];
  });
  const middle = median(ratios);
  if (middle === null) return NONE;
  const ends = [Math.min(...ratios), Math.max(...ratios)];
  const spread = ends.map((ratio) => ratio.toFixed(2)).join("–");
  return `${middle.toFixed(2)} (${spread})`;
}

/** @param base whose rates the others' are held to, round by round */
export function row(name: string, own: Rounds, base: Rounds): string {
  const of = (key: "rate" | "p50" | "p99") =>
    median(own.map((one) => one && one[key]));
  const failed = own.filter((one) => !one?.ok).length;
  const cells = [
    name,
    formatRate(of("rate")),
    ratioText(own, base),
    formatTime(of("p50")),
    formatTime(of("p99")),
    failed === 0 ? "all came back" : `${failed} of ${own.length} runs failed`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** A result as tables, which the page and the HTML report both show. */
import { planKept } from "../result/kept.ts";
import {
  nameOf,
  type Percentile,
  PERCENTILE_KEYS,
  PERCENTILES,
} from "../result/percentiles.ts";
import type { GoalResult, NamedResult, Result } from "../result/result.ts";
import { samplesFor, type Times } from "../result/times.ts";
import { formatBytes, formatCount, plural } from "../units.ts";
import {
  formatAgainst,
  formatByteRate,
  formatRate,
  formatShare,
  formatTimes,
  NONE,
} from "./numbers.ts";
import type { Align } from "./text/layout.ts";
import { errorCount } from "./verdict.ts";

export interface Table {
  caption: string;
  /** No heads where the cells say what they are. */
  head?: string[];
  align: Align;
  rows: string[][];
  note?: string;
}

/** Answers a second; `–` where none came while it was measured, but later. */
export function rateTold({ rate, messages }: Result): string {
  const late = rate.messages === 0 && messages.received > 0;
  return late ? NONE : formatRate(rate.messages);
}

function againstPlan(result: Result): string {
  const { planned, messages } = result.rate;
  if (planned === null) return "as fast as answers came";
  // A share of what was planned at random would tell of chance.
  return result.options.arrivals === "poisson" && planKept(result)
    ? `${formatRate(planned)} planned, at random`
    : `${formatShare(messages / planned)} of ${formatRate(planned)} planned`;
}

export function summaryTable(result: Result): Table {
  const { messages, bytes, rate, connections } = result;
  const wrong =
    bytes.mismatched > 0
      ? `${formatBytes(bytes.mismatched)} wrong`
      : "none wrong";
  return {
    caption: "Summary",
    align: "ll",
    rows: [
      ["rate", `${rateTold(result)}, ${againstPlan(result)}`],
      ["throughput", `${formatByteRate(rate.bytes)} each way`],
      [
        "messages",
        `${formatCount(messages.received)} answered of ` +
          `${formatCount(messages.sent)} sent`,
      ],
      [
        "bytes",
        `${formatBytes(bytes.sent)} sent, ` +
          `${formatBytes(bytes.received)} received, ${wrong}`,
      ],
      [
        "connections",
        `${formatCount(connections.opened)} opened of ` +
          `${formatCount(connections.planned)} planned, ` +
          `${formatCount(connections.lost)} lost`,
      ],
      ["errors", formatCount(errorCount(result))],
    ],
  };
}

type Figure = "min" | "mean" | Percentile | "max";

const FIGURES: readonly (readonly [name: string, Figure])[] = [
  ["min", "min"],
  ["mean", "mean"],
  ...PERCENTILE_KEYS.map((key) => [nameOf(key), key] as const),
  ["max", "max"],
];

export function percentileTable(result: Result): Table {
  const open = result.rate.planned !== null;
  const all = open
    ? [result.latency, result.service, result.pacing]
    : [result.latency];
  const columns = all.map((times) =>
    formatTimes(FIGURES.map(([, key]) => times[key])),
  );
  return {
    caption: "Percentiles",
    head: open ? ["", "latency", "service", "pacing"] : ["", "latency"],
    align: open ? "lrrr" : "lr",
    rows: FIGURES.map(([name], figure) => [
      name,
      ...columns.map((column) => column[figure]!),
    ]),
    note:
      (open
        ? "latency counts from when a message was due, service from when it " +
          "was sent, pacing is how late the generator was. The rest is the " +
          "wait for a free connection; --pipeline allows more in flight."
        : "A closed loop: a server that stalls is sent less meanwhile.") +
      untoldNote(result.latency),
  };
}

/** The percentile that wants the most samples. */
const HIGHEST = Math.max(...Object.values(PERCENTILES));

/** Why some percentiles are not told. */
function untoldNote({ count, unanswered = 0 }: Times): string {
  const tooFew = count + unanswered < samplesFor(HIGHEST);
  if (unanswered === 0) return tooFew ? ` ${NONE} too few samples.` : "";
  return (
    ` ${plural(unanswered, "message")} without an answer took longer than ` +
    `all others: a percentile among them can't be told (${NONE})` +
    (tooFew ? ", nor one with too few samples." : ".")
  );
}

export function phaseTable({ connections }: Result): Table {
  const { latency, firstByte } = connections;
  return {
    caption: "Connections",
    head: ["", "count", "min", "p50", "p99", "max"],
    align: "lrrrrr",
    rows: [
      ["connect", latency] as const,
      ["first byte", firstByte] as const,
    ].map(([name, { count, min, p50, p99, max }]) => [
      name,
      formatCount(count),
      ...formatTimes([min, p50, p99, max]),
    ]),
  };
}

/** What came of a goal: a time, or a share of messages. */
export function measuredAs({ goal, measured, below }: GoalResult): string {
  if (measured === null) return NONE;
  if (goal.startsWith("errors")) return formatShare(measured);
  // Not `10.1 ms` where the goal is 10.1 ms, and missed.
  return formatAgainst(measured, below);
}

export function goalTable({ goals }: Result): Table {
  return {
    caption: "Goals",
    align: "llr",
    rows: goals.map((goal) => [
      goal.met ? "✓" : "✗",
      goal.goal,
      measuredAs(goal),
    ]),
  };
}

export function searchTable({ search }: Result): Table {
  return {
    caption: "Search for the highest rate",
    head: ["", "rate/s", "achieved", "p50", "p99", "max"],
    align: "lrrrrr",
    rows: (search?.steps ?? []).map((step) => [
      step.met ? "✓" : "✗",
      formatCount(step.rate),
      formatCount(step.achieved),
      ...formatTimes([step.p50, step.p99, step.max]),
    ]),
  };
}

/**
 * Runs beside each other: the machines of a merge, or what is compared.
 * @param names that are short enough for where they stand
 */
export function runTable(
  caption: string,
  runs: readonly NamedResult[],
  names: readonly string[] = runs.map(({ name }) => name),
): Table {
  return {
    caption,
    head: ["", "rate", "p50", "p99", "errors", "verdict"],
    align: "lrrrrl",
    rows: runs.map(({ result }, index) => {
      const { latency, verdict } = result;
      return [
        names[index]!,
        rateTold(result),
        ...formatTimes([latency.p50, latency.p99]),
        formatCount(errorCount(result)),
        verdict,
      ];
    }),
  };
}

export function secondTable({ series }: Result): Table {
  const p50 = formatTimes(series.map((second) => second.p50));
  const p99 = formatTimes(series.map((second) => second.p99));
  return {
    caption: "Seconds",
    head: ["second", "messages", "bytes", "p50", "p99", "errors"],
    align: "rrrrrr",
    rows: series.map(({ second, messages, bytes, errors }, index) => [
      formatCount(second),
      formatCount(messages),
      formatBytes(bytes),
      p50[index]!,
      p99[index]!,
      formatCount(errors),
    ]),
  };
}

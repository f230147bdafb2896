import { formatFigure } from "./figure.ts";
import { CHECK_NAMES, type CheckName, type NamedFinding } from "./finding.ts";
import type { CheckResult } from "./result.ts";
import { STATUSES } from "./statuses.ts";

/** What became of one check from one run to another. */
export interface Difference {
  name: CheckName;
  /**
   * - `better`, `worse`: another status or figure, which is rated so.
   * - `other`: another one, of the same rating.
   * - `none`: the same, or within what two runs differ by.
   * - `unknown`: one of them can't tell, or has not looked.
   */
  change: "better" | "worse" | "other" | "none" | "unknown";
  from: string;
  to: string;
}

export interface NamedCheck {
  name: string;
  result: CheckResult;
}

const RANKS = { fine: 0, notable: 1, harmful: 2, unknown: 3 } as const;

/** Of each check that is in one of them, in the order of the table. */
export function differences(base: CheckResult, other: CheckResult) {
  return CHECK_NAMES.flatMap((name): Difference[] => {
    const before = base.checks.find((one) => one.name === name);
    const after = other.checks.find((one) => one.name === name);
    if (before === undefined && after === undefined) return [];
    return [{ name, ...differenceOf(before, after) }];
  });
}

function differenceOf(
  before: NamedFinding | undefined,
  after: NamedFinding | undefined,
): Omit<Difference, "name"> {
  const from = toldOf(before);
  const to = toldOf(after);
  const isUnknown = [before, after].some(
    (one) => one === undefined || one.status === "unknown",
  );
  if (isUnknown || before === undefined || after === undefined) {
    const change = before?.status === after?.status ? "none" : "unknown";
    return { change, from, to };
  }
  if (isFurther(before, after) || isFurther(after, before)) {
    return { change: "unknown", from, to };
  }
  if (isSame(before, after)) return { change: "none", from, to };
  const worse =
    RANKS[after.rating] - RANKS[before.rating] || byFigure(before, after);
  const change = worse > 0 ? "worse" : worse < 0 ? "better" : "other";
  return { change, from, to };
}

/** `silent, 6.00 s` */
function toldOf(finding: NamedFinding | undefined): string {
  if (finding === undefined) return "not run";
  const { name, status, value } = finding;
  const { figure: unit } = STATUSES[name];
  if (unit === undefined || value === undefined) return status;
  const figure = formatFigure(value, unit);
  return isWord(finding) ? `${status}, ${figure}` : figure;
}

/** Whether its status is a word, and not the figure itself. */
function isWord({ name, status }: NamedFinding): boolean {
  return STATUSES[name].words.includes(status);
}

function isSame(before: NamedFinding, after: NamedFinding): boolean {
  const statuses = [before, after].map((one) =>
    isWord(one) ? one.status : "figure",
  );
  if (statuses[0] !== statuses[1]) return false;
  const [one, two] = [before.value, after.value];
  if (one === undefined || two === undefined || one === two) return true;
  return isNoise(before, after, one, two);
}

/** Times that are shorter differ with what else a machine does, in seconds. */
const SHORT = 0.002;
/** What single measures of time and speed differ by from run to run. */
const TIMES = 2;
const SPEEDS = 1.5;
const LIFETIMES = 1.1;

/**
 * Whether figures differ no more than two runs do. One run has no interval of
 * its own: these are shares that the same path keeps within.
 */
function isNoise(
  before: NamedFinding,
  after: NamedFinding,
  one: number,
  two: number,
): boolean {
  const [less, more] = [Math.min(one, two), Math.max(one, two)];
  switch (before.name) {
    case "connect":
      return more - less < SHORT || more < less * TIMES;
    case "transfer":
      return more < less * SPEEDS;
    case "lifetime":
      return more < less * LIFETIMES;
    case "idle":
      return overlap(before, after);
    default:
      return false;
  }
}

/**
 * Of idle times an end lies between what survived and what did not. Where
 * nothing died, how far was looked is no finding.
 */
function overlap(before: NamedFinding, after: NamedFinding): boolean {
  if (before.status === "none") return true;
  const [a, b] = [before, after].map(({ value = 0, evidence }) => {
    const killed = evidence["killed"];
    return [value, typeof killed === "number" ? killed : value] as const;
  });
  return a![0] <= b![1] && b![0] <= a![1];
}

/** More than 0 where the second is worse: most figures are better higher. */
function byFigure(before: NamedFinding, after: NamedFinding): number {
  const [one, two] = [before.value, after.value];
  if (one === undefined || two === undefined) return 0;
  if (before.name === "connect") return two - one;
  return before.name === "backends" ? 0 : one - two;
}

/** Whether the second ended behind where the first had stopped to look. */
function isFurther(one: NamedFinding, other: NamedFinding): boolean {
  if (one.name !== "idle" || one.status !== "none") return false;
  const killed = other.evidence["killed"];
  return typeof killed === "number" && killed > (one.value ?? 0);
}

const CHANGES = ["worse", "better", "other", "unknown"] as const;

/** How a change is told. */
export const WORDS = {
  worse: "worse",
  better: "better",
  other: "changed",
  unknown: "can't be compared",
} as const;

/** `reset-to-client: kept → finish` */
export function stepText({ name, from, to }: Difference): string {
  return `${name}: ${from} → ${to}`;
}

/** What changed, in a line. */
export function changedText(all: readonly Difference[]): string {
  const told = CHANGES.flatMap((change) => {
    const some = all
      .filter((one) => one.change === change)
      .map(change === "unknown" ? ({ name }) => name : stepText);
    return some.length > 0 ? [`${WORDS[change]}: ${some.join(", ")}`] : [];
  });
  return told.length > 0 ? told.join("; ") : "no change beyond noise";
}

/** What may explain a change: what was not the same in the two runs. */
export function conditionsOf(base: CheckResult, other: CheckResult): string[] {
  const [before, after] = [base, other].map(conditions);
  return Object.entries(before!).flatMap(([name, one]) => {
    const two = after![name];
    const isNoChange = one === two || one === undefined || two === undefined;
    return isNoChange ? [] : [`${name}: ${one} → ${two}`];
  });
}

/** Undefined is what was not found out. */
function conditions(result: CheckResult): Record<string, string | undefined> {
  const { target, host, server, options, label } = result;
  const { idle, lifetime, connections, transfer } = options;
  const seconds = (value: number) => formatFigure(value, "time");
  const { reply, cooperates } = server;
  return {
    target,
    label: label ?? "none",
    "from host": host.name,
    "the server answers": reply ?? undefined,
    "it cooperates": reply === null ? undefined : cooperates ? "yes" : "no",
    "--idle": seconds(idle),
    "--lifetime": lifetime === null ? "none" : seconds(lifetime),
    "--connections": formatFigure(connections, "count"),
    "--transfer": formatFigure(transfer, "size"),
  };
}

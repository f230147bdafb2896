import { highest, lowest, sumOf } from "./aggregates.ts";
import type {
  Failure,
  GoalResult,
  Instance,
  Mismatch,
  NamedResult,
  Result,
} from "./result.ts";
import { checkSameKind, overlapWarning, refuse } from "./mergeable.ts";
import { complaint } from "./schema.ts";
import { mergeSeries, startOf } from "./series.ts";
import { decode, newHistogram, type Times, timesOf } from "./times.ts";

/**
 * Makes one result of several that were measured at the same time, against the
 * same target and in the same way, each from its own machine.
 *
 * Counts and rates are added, and percentiles come from the sum of the
 * histograms. Each machine was to meet the goals: the worst is told. A second
 * is the sum of the machines' seconds that are nearest to it by their clocks;
 * its percentiles can't come from theirs, so they are null where more than one
 * machine had answers.
 *
 * @throws SounderError `EMERGE` if they are not of one kind
 */
export function merge(parts: readonly NamedResult[]): Result {
  const merged = mergeAll(parts);
  // Sums may be beyond what each figure may be.
  const wrong = complaint(merged);
  if (wrong !== undefined) refuse(`of the sum, ${wrong}`);
  return merged;
}

function mergeAll(parts: readonly NamedResult[]): Result {
  const [first, ...rest] = parts as [NamedResult, ...NamedResult[]];
  for (const part of rest) checkSameKind(first, part);
  const results = parts.map(({ result }) => result);
  const sum = (of: (result: Result) => number) => sumOf(results.map(of));
  const sumOrNull = (of: (result: Result) => number | null) =>
    of(first.result) === null ? null : sum((result) => of(result) ?? 0);
  const times = (of: (result: Result) => Times) => mergeTimes(results.map(of));

  return {
    version: 1,
    kind: "load",
    ...mergeRuns(results),
    target: first.result.target,
    reply: first.result.reply,
    options: {
      ...first.result.options,
      connections: sum(({ options }) => options.connections),
      messages: sumOrNull(({ options }) => options.messages),
      rate: sumOrNull(({ options }) => options.rate),
      workers: sum(({ options }) => options.workers),
    },
    command: unite(results.flatMap(({ command }) => command.split("\n"))).join(
      "\n",
    ),
    started: new Date(lowest(results.map(startOf))).toISOString(),
    seconds: highest(results.map(({ seconds }) => seconds)),
    connections: mergeConnections(results),
    messages: added(
      results.map(({ messages }) => messages),
      ["sent", "received", "unanswered"],
    ),
    bytes: added(
      results.map(({ bytes }) => bytes),
      ["sent", "received", "mismatched"],
    ),
    rate: {
      planned: sumOrNull(({ rate }) => rate.planned),
      ...added(
        results.map(({ rate }) => rate),
        ["messages", "bytes"],
      ),
    },
    latency: times(({ latency }) => latency),
    service: times(({ service }) => service),
    pacing: times(({ pacing }) => pacing),
    errors: mergeErrors(results),
    ...mergeFailures(results),
    faults: results.flatMap(({ faults }) => faults).toSorted(byPlace),
    warnings: unite([
      ...results.flatMap(({ warnings }) => warnings),
      ...overlapWarning(parts),
    ]),
    series: mergeSeries(results),
    goals: mergeGoals(results),
    search: null,
    ...mergeOrigins(results),
    verdict: results.every(({ verdict }) => verdict === "pass")
      ? "pass"
      : "fail",
    ...mergeReasons(results),
  };
}

function mergeConnections(results: readonly Result[]): Result["connections"] {
  const all = results.map(({ connections }) => connections);
  const served = all.flatMap((one) => one.served ?? []);
  return {
    ...added(all, ["planned", "opened", "lost"]),
    // Not where one is of a version that did not count them.
    ...(served.length === all.length && { served: sumOf(served) }),
    latency: mergeTimes(all.map(({ latency }) => latency)),
    firstByte: mergeTimes(all.map(({ firstByte }) => firstByte)),
  };
}

/** Of some keys, the sums. */
function added<Key extends string>(
  all: readonly Record<Key, number>[],
  keys: readonly Key[],
): Record<Key, number> {
  const sums = keys.map((key) => [key, sumOf(all.map((one) => one[key]))]);
  return Object.fromEntries(sums) as Record<Key, number>;
}

/** A result whose warnings, reasons, faults and failures say which one they come from. */
export function attributed({ name, result }: NamedResult): NamedResult {
  const { warnings, reasons, failures } = result;
  const from = (text: string) => `${name}: ${text}`;
  return {
    name,
    result: {
      ...result,
      warnings: warnings.map(from),
      ...(reasons && { reasons: reasons.map(from) }),
      ...(failures && {
        failures: failures.map((failure) => ({
          ...failure,
          machine: failure.machine === undefined ? name : from(failure.machine),
        })),
      }),
      faults: result.faults.map((fault) => ({
        ...fault,
        text: from(fault.text),
      })),
    },
  };
}

/** Nothing where all are of versions that did not name their runs. */
function mergeRuns(results: readonly Result[]): Pick<Result, "runs"> {
  const runs = results.flatMap((result) => result.runs ?? []);
  return runs.length > 0 ? { runs: runs.toSorted() } : {};
}

/** Nothing where all are of versions that did not tell them. */
function mergeReasons(results: readonly Result[]): Pick<Result, "reasons"> {
  if (results.every(({ reasons }) => reasons === undefined)) return {};
  return { reasons: unite(results.flatMap(({ reasons }) => reasons ?? [])) };
}

/** Nothing where all are of versions that did not tell them. */
function mergeFailures(results: readonly Result[]): Pick<Result, "failures"> {
  if (results.every(({ failures }) => failures === undefined)) return {};
  const failures = results.flatMap((result) => result.failures ?? []);
  return { failures: failures.toSorted(byTime) };
}

/** Where they were measured, and what they are called, if all agree. */
function mergeOrigins(
  results: readonly Result[],
): Pick<Result, "host" | "label" | "instances"> {
  const [{ host = null, label = null }] = results as [Result];
  const same = <T>(value: T, of: (result: Result) => T) =>
    results.every((one) => Bun.deepEquals(of(one), value)) ? value : null;
  const instances = mergeInstances(
    results.flatMap((one) => one.instances ?? []),
  );
  return {
    host: same(host, (one) => one.host ?? null),
    label: same(label, (one) => one.label ?? null),
    instances: instances.length > 0 ? instances : null,
  };
}

/** One process may have answered several machines. */
function mergeInstances(instances: readonly Instance[]): Instance[] {
  const byName = Map.groupBy(instances, ({ instance }) => instance);
  return Array.from(byName.values(), (same) => ({
    ...same[0]!,
    connections: sumOf(same.map(({ connections }) => connections)),
    messages: sumOf(same.map(({ messages }) => messages)),
    latency: mergeTimes(same.map(({ latency }) => latency)),
  }));
}

function mergeTimes(times: readonly Times[]): Times {
  const total = newHistogram();
  for (const { histogram } of times) total.add(decode(histogram));
  const unanswered = times.flatMap((one) => one.unanswered ?? []);
  return timesOf(total, unanswered.length > 0 ? sumOf(unanswered) : undefined);
}

function mergeErrors(results: readonly Result[]): Record<string, number> {
  const total = new Map<string, number>();
  for (const { errors } of results) {
    for (const [code, count] of Object.entries(errors)) {
      total.set(code, (total.get(code) ?? 0) + count);
    }
  }
  return Object.fromEntries([...total].toSorted());
}

function mergeGoals(results: readonly Result[]): GoalResult[] {
  const merged = new Map<string, GoalResult>();
  for (const goal of results.flatMap(({ goals }) => goals)) {
    const { measured, met } = merged.get(goal.goal) ?? goal;
    const { below } = goal;
    const known = measured !== null && goal.measured !== null;
    merged.set(goal.goal, {
      goal: goal.goal,
      ...(below !== undefined && { below }),
      measured: known ? Math.max(measured, goal.measured!) : null,
      met: met && goal.met,
    });
  }
  return [...merged.values()].toSorted((a, b) => (a.goal < b.goal ? -1 : 1));
}

function byPlace(a: Mismatch, b: Mismatch): number {
  const order = a.connection - b.connection || a.offset - b.offset;
  return order || (a.text < b.text ? -1 : 1);
}

function byTime(a: Failure, b: Failure): number {
  const order = a.at - b.at || a.connection - b.connection;
  return order || (a.code < b.code ? -1 : 1);
}

function unite(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted();
}

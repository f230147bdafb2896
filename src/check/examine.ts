import { type Endpoint, formatUrl } from "../address/endpoint.ts";
import { failure, SounderError } from "../errors/errors.ts";
import { thisHost } from "../result/this-host.ts";
import { CHECKS } from "./checks/all.ts";
import type { Check } from "./checks/check.ts";
import { type Expected, judge, missedText, reachFor } from "./expect.ts";
import type { CheckName, NamedFinding } from "./finding.ts";
import { Path, type Reach } from "./path.ts";
import type { CheckResult } from "./result.ts";
import { runChecks, type Watcher } from "./run.ts";
import { reasonsIn } from "./verdict.ts";

/** What is to be examined, and how. */
export interface Examination {
  target: Endpoint;
  approach: Path["approach"];
  reach: Reach;
  /** Names of checks; undefined: all that apply. */
  only: readonly CheckName[] | undefined;
  skip: readonly CheckName[] | undefined;
  expected: readonly Expected[];
  label: string | null;
}

export interface Examined {
  result: CheckResult;
  /** Why it could not be examined; its result says so, too. */
  error: SounderError | undefined;
}

/**
 * @param stop ends it: what was found until then is in the result
 * @throws the reason of `stop`, where nothing was found yet
 */
export async function examine(
  examination: Examination,
  watcher: Watcher,
  stop: AbortSignal,
): Promise<Examined> {
  const { target, approach, expected } = examination;
  const reach = reachFor(examination.reach, expected);
  const run = new Run(examination, reach);
  const path = new Path(target, approach, reach, stop);
  const chosen = chosenBy(examination, path);
  try {
    const checks = await runChecks(path, chosen, watcher);
    const interrupted = stop.aborted && checks.length < chosen.length;
    return { result: run.result(path, checks, interrupted), error: undefined };
  } catch (cause) {
    stop.throwIfAborted();
    const isOurs = cause instanceof SounderError;
    const action = `cannot examine ${path.name}`;
    const error = isOurs ? cause : failure(action, cause);
    const found = isOurs ? [unconnected(cause)] : [];
    const result = run.result(path, found, false);
    return {
      result: { ...result, verdict: "fail", reasons: [error.message] },
      error,
    };
  }
}

/** No connection came about. */
function unconnected({ code, summary }: SounderError): NamedFinding {
  const status = UNCONNECTED[code] ?? "failed";
  return {
    name: "connect",
    status,
    rating: "harmful",
    text: summary,
    means: "no other check could run: see docs/ERRORS.md for this code",
    evidence: { code },
  };
}

const UNCONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "silent",
};

/** What an expectation is about runs in any case. */
function chosenBy(
  { only, skip = [], expected }: Examination,
  path: Path,
): Check[] {
  const wanted = expected.map(({ name }) => name);
  return CHECKS.filter(
    (check) =>
      wanted.includes(check.name) ||
      ((only?.includes(check.name) ?? check.applies?.(path) ?? true) &&
        !skip.includes(check.name)),
  );
}

/** One examination, from its beginning on. */
class Run {
  private readonly started = new Date().toISOString();
  private readonly since = performance.now();

  constructor(
    private readonly examination: Examination,
    private readonly reach: Reach,
  ) {}

  result(
    path: Path,
    checks: NamedFinding[],
    interrupted: boolean,
  ): CheckResult {
    const { target, expected, label } = this.examination;
    const { idle, connections, lifetime, transfer } = this.reach;
    const { reply, cooperates } = path.known;
    const expectations = interrupted
      ? []
      : expected.map((one) => judge(one, checks));
    const missed = expectations.filter(({ met }) => met !== true);
    const reasons = [...reasonsIn(checks), ...missed.map(missedText)];
    return {
      version: 1,
      kind: "check",
      target: formatUrl(target),
      started: this.started,
      seconds: (performance.now() - this.since) / 1000,
      options: {
        idle: idle / 1000,
        lifetime: lifetime === undefined ? null : lifetime / 1000,
        connections,
        transfer,
      },
      server: {
        cooperates,
        reply: reply ?? null,
        instances: [...path.instances],
      },
      checks,
      expectations,
      warnings: [],
      host: thisHost(),
      label,
      verdict:
        reasons.length > 0 ? "fail" : interrupted ? "interrupted" : "pass",
      reasons,
    };
  }
}

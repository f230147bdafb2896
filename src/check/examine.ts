import { type Endpoint, formatEndpoint } from "../address/endpoint.ts";
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

/**
 * @param stop ends it: what was found until then is in the result
 * @throws SounderError where it can't be examined; the reason of `stop`
 */
export async function examine(
  examination: Examination,
  watcher: Watcher,
  stop: AbortSignal,
): Promise<CheckResult> {
  const { target, approach, expected } = examination;
  const reach = reachFor(examination.reach, expected);
  const run = new Run(examination, reach);
  const path = new Path(target, approach, reach, stop);
  const chosen = chosenBy(examination, path);
  try {
    const checks = await runChecks(path, chosen, watcher);
    return run.result(
      path,
      checks,
      stop.aborted && checks.length < chosen.length,
    );
  } catch (error) {
    stop.throwIfAborted();
    if (error instanceof SounderError) throw error;
    throw failure(`cannot examine ${path.name}`, error);
  }
}

/** The result of one that could not be examined. @param error why */
export function unexamined(
  examination: Examination,
  error: SounderError,
): CheckResult {
  const { target, approach, reach } = examination;
  const path = new Path(target, approach, reach, new AbortController().signal);
  const result = new Run(examination, reach).result(path, [], false);
  return { ...result, verdict: "fail", reasons: [error.message] };
}

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
      target: formatEndpoint(target),
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

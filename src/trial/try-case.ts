import { SounderError } from "../errors/errors.ts";
import { parseFault } from "../protocol/faults/parse.ts";
import { formatFault } from "../protocol/faults/print.ts";
import type { FaultEvent } from "../faults/link.ts";
import type { Baseline, Setting } from "./baseline.ts";
import type { Case } from "./case.ts";
import { execute } from "./execution.ts";
import { Path } from "./path.ts";
import { placed } from "./places.ts";
import type { CaseResult, RunResult } from "./result.ts";
import { judge, together } from "./verdict.ts";

/** Where nothing was run. */
const NOT_RUN = {
  status: null,
  signal: null,
  hung: false,
  seconds: 0,
  printed: 0,
  connections: 0,
  acted: [],
  stdout: "",
  stderr: "",
} as const;

function untested(evidence: string): RunResult {
  return { ...NOT_RUN, acted: [], verdict: "untested", evidence };
}

async function openPath(
  setting: Setting,
  faults: readonly string[],
): Promise<Path | SounderError> {
  try {
    return await Path.open(setting, faults);
  } catch (error) {
    // Some faults need what not every system has.
    if (error instanceof SounderError && error.code === "ENOTSUP") return error;
    throw error;
  }
}

/** Whether the fault that the case is about is one that was seen to act. */
function actedIn(
  path: Path,
  { about }: Case,
  { carried }: Baseline,
): readonly FaultEvent[] {
  const [text] = about === undefined ? [] : placed([about], carried)!;
  const fault = text && formatFault(parseFault(text));
  return path.acted.filter((event) => event.fault === fault);
}

/** Without a connection there is nothing to be seen. */
function isUnseen({ about }: Case): boolean {
  return about === undefined || about === "backlog-full";
}

async function tryOnce(
  one: Case,
  faults: readonly string[],
  setting: Setting,
  baseline: Baseline,
): Promise<RunResult> {
  const path = await openPath(setting, faults);
  if (path instanceof SounderError) return untested(path.summary);
  try {
    const { endpoint } = path;
    // From here on, nobody listens there.
    if (one.about === undefined) await path.stop(0);
    const run = await execute({
      ...setting,
      endpoint,
      // What is slow, but goes on, does not hang.
      progress: one.kind === "harmless" ? () => path.bytes : undefined,
    });
    const acted = actedIn(path, one, baseline);
    const hasActed = acted.length > 0 || isUnseen(one);
    const judged = judge(one, baseline.expected, run, hasActed);
    const failed = judged.verdict === "fail";
    return {
      ...judged,
      status: run.status,
      signal: run.signal,
      hung: run.hungFor !== null,
      seconds: run.seconds,
      printed: run.stdout.length,
      connections: path.connections,
      acted: acted.map(({ id, fault, offset }) => ({
        connection: id,
        fault,
        offset,
      })),
      stdout: failed ? run.stdoutTail : "",
      stderr: failed ? run.stderrTail : "",
    };
  } finally {
    await path.stop(0);
  }
}

/** @returns undefined if it was stopped meanwhile */
export async function tryCase(
  one: Case,
  setting: Setting,
  baseline: Baseline,
  repeat: number,
): Promise<CaseResult | undefined> {
  const { name, kind, imitates, should } = one;
  const faults = placed(one.faults, baseline.carried);
  const runs: RunResult[] = [];
  if (faults === undefined) {
    runs.push(untested("without a fault, too few bytes pass for it"));
  } else {
    for (let n = 0; n < repeat; n++) {
      // Chance falls otherwise each time, and on each trial the same.
      const seeded = { ...setting, seed: setting.seed + n };
      runs.push(await tryOnce(one, faults, seeded, baseline));
      if (setting.stop.aborted) return undefined;
    }
  }
  return {
    name,
    kind,
    faults: faults ?? [...one.faults],
    imitates,
    should,
    ...together(runs),
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
    runs,
  };
}

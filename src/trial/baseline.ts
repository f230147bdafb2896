import { failure, Reason, SounderError } from "../errors/errors.ts";
import { exactDuration, plural } from "../units.ts";
import { type Execution, execute } from "./execution.ts";
import { type Expected, expectedOf } from "./output.ts";
import { Path, type PathOptions } from "./path.ts";
import type { Carried } from "./places.ts";

/** How the command ends without a fault. */
export interface Baseline {
  expected: Expected;
  /** Of its busiest connection. */
  carried: Carried;
  connections: number;
  seconds: number;
  /** What can't be judged, and why. */
  warnings: string[];
}

/** What every run of the command has in common. */
export interface Setting extends PathOptions {
  command: readonly string[];
  input: Uint8Array | undefined;
  /** Milliseconds. */
  timeout: number;
  /** Ends all at once. */
  stop: AbortSignal;
}

/** Without a fault, a connection is over soon after its client. */
const CLOSED_WITHIN = 1000;

/** A time that is printed is another one then. */
async function nextSecond(): Promise<void> {
  await Bun.sleep(1001 - (Date.now() % 1000));
}

function busiest(carried: readonly Carried[]): Carried {
  const rank = ({ answer, request }: Carried) => [answer, request] as const;
  return carried.reduce(
    (most, one) => {
      const [a, b] = [rank(one), rank(most)];
      return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]) ? one : most;
    },
    { answer: 0, request: 0 },
  );
}

/** Why the command is no good even without a fault; undefined if it is. */
function whyNot(run: Execution, path: Path): Reason | Error | undefined {
  if (path.error !== undefined) return path.error;
  if (run.hungFor !== null) {
    const within = exactDuration(run.hungFor);
    return new Reason(
      "EBASELINE",
      `without a fault it still ran after ${within}: more time with --timeout`,
    );
  }
  if (run.flooded) {
    return new Reason("EBASELINE", "it prints more than can be compared");
  }
  if (run.signal !== null) {
    return new Reason("EBASELINE", `without a fault it died of ${run.signal}`);
  }
  if (path.connections === 0) return new Reason("ENOCLIENT");
  if (run.status === 0) return undefined;
  const words = run.lastWords === "" ? "" : `: ${run.lastWords}`;
  return new Reason(
    "EBASELINE",
    `without a fault it ended with exit ${run.status}${words}`,
  );
}

async function once(setting: Setting): Promise<{
  run: Execution;
  path: Path;
}> {
  const { command, stop } = setting;
  const path = await Path.open(setting, []);
  try {
    const run = await execute({ ...setting, endpoint: path.endpoint });
    await path.stop(CLOSED_WITHIN);
    const why = stop.aborted ? undefined : whyNot(run, path);
    if (why === undefined) return { run, path };
    throw failure(`cannot try faults on ${command[0]}`, why);
  } finally {
    await path.stop(0);
  }
}

/**
 * Runs the command twice without a fault.
 * @throws SounderError: `EBASELINE` or `ENOCLIENT` if it is no good for a trial
 */
export async function measureBaseline(setting: Setting): Promise<Baseline> {
  const first = await once(setting);
  if (!setting.stop.aborted) await nextSecond();
  const { run } = await once(setting);
  const expected = expectedOf(first.run.stdout, run.stdout);
  if (expected === undefined && !setting.stop.aborted) {
    throw new SounderError(
      `cannot try faults on ${setting.command[0]}: without a fault, two runs ` +
        "print a different number of lines: nothing can be compared",
      "EBASELINE",
    );
  }
  const { path } = first;
  const carried = busiest(path.carried);
  return {
    expected: expected ?? { bytes: run.stdout, varying: new Set() },
    carried,
    connections: path.connections,
    seconds: first.run.seconds,
    warnings: warningsOf(
      run.stdout.length,
      expected?.varying.size ?? 0,
      carried,
    ),
  };
}

function warningsOf(
  printed: number,
  varying: number,
  { answer }: Carried,
): string[] {
  const warnings: string[] = [];
  if (printed === 0) {
    warnings.push(
      "the command prints nothing: whether it takes a wrong answer for a right one can't be seen",
    );
  }
  if (varying > 0) {
    const vary = varying === 1 ? ["varies", "is"] : ["vary", "are"];
    warnings.push(
      `${plural(varying, "line")} of the output ${vary[0]} from run to run, ` +
        `and ${vary[1]} not compared`,
    );
  }
  if (answer === 0) warnings.push("the target answered nothing");
  return warnings;
}

import {
  type Endpoint,
  formatEndpoint,
  parseEndpoint,
} from "../../address/endpoint.ts";
import { type Examination, examine } from "../../check/examine.ts";
import { checkPage } from "../../check/page.ts";
import { summary } from "../../check/summary.ts";
import type { CheckResult } from "../../check/result.ts";
import { htmlCheck } from "../../check/html/page.ts";
import { approachOf } from "../shared/approach.ts";
import { mistake } from "../shared/mistake.ts";
import { openOutputs } from "../shared/result-files.ts";
import { jsonText, screen, showResult } from "../shared/results.ts";
import { catchSignals } from "../shared/signals.ts";
import type { CheckFlags } from "./flags.ts";
import { Live } from "./live.ts";
import { monitor } from "./monitor.ts";

/** Examines a path, shows what was found, and tells the exit status. */
export async function checkPath(
  target: Endpoint | undefined,
  flags: CheckFlags,
): Promise<number> {
  const examination = examinationOf(
    target ?? parseEndpoint("localhost"),
    flags,
  );
  const { json, html, every } = flags;
  if (every !== undefined) {
    if (html !== undefined) throw mistake("--every writes no --html");
    return monitor(examination, every, json);
  }
  using outputs = openOutputs({ json, html });
  const signals = catchSignals(["SIGINT", "SIGTERM", "SIGHUP"]);
  try {
    const isAsked = json !== undefined || html !== undefined;
    const result = await examined(examination, signals.stop, isAsked);
    if (result === undefined) return signals.status ?? 1;
    await showResult(
      outputs.writes,
      { json: () => jsonText(result), html: () => htmlCheck(result) },
      () => checkPage(result, screen()),
      result.verdict === "pass" ? undefined : summary(result),
    );
    return signals.status ?? (result.verdict === "pass" ? 0 : 1);
  } finally {
    signals.release();
  }
}

function examinationOf(target: Endpoint, flags: CheckFlags): Examination {
  const { only, skip, idle, connections, lifetime, transfer, timeout } = flags;
  return {
    target,
    approach: approachOf(flags, target),
    reach: { idle, connections, lifetime, transfer, timeout },
    only,
    skip,
    expected: flags.expect,
    label: flags.label ?? null,
  };
}

/**
 * @param asFile whether there is a file that tells also what can't be examined
 * @returns undefined where it was stopped before anything was found
 * @throws SounderError
 */
async function examined(
  examination: Examination,
  stop: AbortSignal,
  asFile: boolean,
): Promise<CheckResult | undefined> {
  await using live = new Live(formatEndpoint(examination.target));
  try {
    const { result, error } = await examine(examination, live, stop);
    if (error !== undefined && !asFile) throw error;
    const isEmpty = stop.aborted && result.checks.length === 0;
    return isEmpty ? undefined : result;
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  }
}

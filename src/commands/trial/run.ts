import { SounderError } from "../../errors/errors.ts";
import type { Endpoint } from "../../address/endpoint.ts";
import { chooseCases } from "../../trial/choose.ts";
import { ECHO } from "../../trial/echo.ts";
import { hasPlaceholder } from "../../trial/command-line.ts";
import { junit } from "../../trial/junit.ts";
import { caseLine, summary, trialPage } from "../../trial/page.ts";
import { trial, type TrialOptions, type Watcher } from "../../trial/trial.ts";
import { approachOf } from "../shared/approach.ts";
import { argument, mistake } from "../shared/mistake.ts";
import { openOutputs } from "../shared/result-files.ts";
import { jsonText, screen, showResult } from "../shared/results.ts";
import { said, say } from "../shared/say.ts";
import { screenOf } from "../shared/screen.ts";
import { catchSignals } from "../shared/signals.ts";
import type { TrialFlags } from "./flags.ts";
import { readInput } from "./input.ts";

/** Tries the command, shows what came of it, and tells the exit status. */
export async function tryFaults(
  target: Endpoint | typeof ECHO,
  command: readonly string[],
  flags: TrialFlags,
): Promise<number> {
  const { only, skip, timeout, repeat, seed, json, input } = flags;
  const options: TrialOptions = {
    target,
    command,
    input: await readInput(input),
    approach: approachOf(flags, target === ECHO ? undefined : target),
    cases: argument(() => chooseCases(only, skip))(""),
    timeout,
    repeat,
    jobs: flags.jobs ?? navigator.hardwareConcurrency,
    seed,
  };
  // Opened first: a trial must not be lost for a path that can't be written.
  using outputs = openOutputs(
    { json, junit: flags.junit },
    input === undefined ? [] : [input],
  );
  const signals = catchSignals(["SIGINT", "SIGTERM", "SIGHUP"]);
  try {
    const result = await trial(options, watcher(), signals.stop);
    // Where nothing was tried yet, there is nothing to tell.
    const isEmpty = result.cases.length === 0;
    if (!isEmpty) {
      await showResult(
        outputs.writes,
        { json: () => jsonText(result), junit: () => junit(result) },
        () => trialPage(result, screen()),
        result.verdict === "pass" ? undefined : summary(result),
      );
    }
    return signals.status ?? (result.verdict === "pass" ? 0 : 1);
  } catch (error) {
    if (signals.status !== undefined) return signals.status;
    throw explained(error, command);
  } finally {
    signals.release();
  }
}

/** Tells somebody at a terminal how it goes: for others the page is enough. */
function watcher(): Watcher {
  const { controls } = screenOf(2);
  if (!controls) return { baseline() {}, finished() {} };
  return {
    baseline({ seconds }) {
      say(`without a fault it takes ${seconds.toFixed(2)} s`);
    },
    // Its colours are ours, and what others wrote in it is safe already.
    finished: (result) => said.add(caseLine(result, true)),
  };
}

/** That no connection came is a mistake where the command names no place. */
function explained(error: unknown, command: readonly string[]): unknown {
  const isUnused = error instanceof SounderError && error.code === "ENOCLIENT";
  if (!isUnused || hasPlaceholder(command)) return error;
  return mistake(
    "the command has no {host}, {port} or {address}, and did not use " +
      "SOUNDER_HOST and SOUNDER_PORT either: it never connected",
  );
}

import { findRate } from "../../load/find-rate.ts";
import { checkOpenFiles } from "../../load/open-files.ts";
import type { LoadOptions } from "../../load/options.ts";
import { resultOf } from "../../load/outcome/outcome.ts";
import { run, type Run } from "../../load/run.ts";
import type { Result, SearchStep } from "../../result/result.ts";
import { SounderError } from "../../errors/errors.ts";
import { formatRate } from "../../units.ts";
import { advised } from "../shared/advice.ts";
import { aborted, catchSignals } from "../shared/signals.ts";
import type { LoadFlags } from "./flags.ts";
import { Live, type SearchProgress } from "./live.ts";
import { openOutputs } from "../shared/result-files.ts";
import { complain } from "../shared/say.ts";
import { show } from "./show.ts";

/** Runs what the flags ask for, shows it, and tells the exit status. */
export async function measure(
  options: LoadOptions,
  flags: LoadFlags,
): Promise<number> {
  checkOpenFiles(options);
  // Opened first: a run must not be lost for a path that can't be written.
  const { json, html, hlog, tlsCa, tlsCert, tlsKey } = flags;
  const read = [tlsCa, tlsCert, tlsKey].filter((path) => path !== undefined);
  using outputs = openOutputs({ json, html, hlog }, read);
  const signals = catchSignals(["SIGINT", "SIGTERM"]);
  const { stop, cut } = signals;
  // A third one ends it at once.
  void aborted(cut).then(signals.release);
  const command = commandLine();
  const runs: Run[] = [];
  async function runOne(
    one: LoadOptions,
    search?: SearchProgress,
  ): Promise<Result> {
    await using live = new Live(one, flags.goal, search);
    const done = await run(one, live, stop, cut);
    runs.push(done);
    return resultOf(done, flags.goal, command, flags.label);
  }
  function step(one: LoadOptions, tried: readonly SearchStep[]) {
    const { rate } = one;
    const what = rate === undefined ? "a closed loop" : formatRate(rate);
    return runOne(one, { what, tried });
  }

  try {
    const result = flags.findRate
      ? await findRate(options, flags.goal, step, stop)
      : await runOne(options);
    // A search tells of its steps, where there was one.
    const told = flags.findRate && runs.length > 1 ? runs.slice(1) : runs;
    await show(result, outputs.writes, told);
    return signals.status ?? (result.verdict === "pass" ? 0 : 1);
  } catch (error) {
    const { status } = signals;
    if (status === undefined || !(error instanceof SounderError)) throw error;
    complain(advised(error));
    return status;
  }
}

/** The command line to run again, quoted for a shell where it must be. */
function commandLine(): string {
  const quote = (text: string) =>
    /^[\w@%+=:,./[\]-]+$/.test(text)
      ? text
      : `'${text.replaceAll("'", "'\\''")}'`;
  return ["sounder", ...process.argv.slice(2).map(quote)].join(" ");
}

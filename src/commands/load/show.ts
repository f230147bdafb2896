import type { Run } from "../../load/run.ts";
import { hlog } from "../../report/hlog.ts";
import { htmlReport } from "../../report/html/page.ts";
import { page } from "../../report/text/page.ts";
import { reasonOf } from "../../report/verdict.ts";
import type { Result } from "../../result/result.ts";
import { TimeCounts } from "../../result/times.ts";
import type { Write } from "../shared/result-files.ts";
import { jsonText, screen, showResult } from "../shared/results.ts";

type Files = Partial<Record<"json" | "html" | "hlog", Write>>;

/** @param runs whose seconds are the HdrHistogram log */
export async function show(
  result: Result,
  files: Files,
  runs: readonly Run[],
): Promise<void> {
  const contents = {
    json: () => jsonText(result),
    html: () => htmlReport(result),
    hlog: () => hlogOf(runs),
  };
  const failed = result.verdict === "fail" ? reasonOf(result) : undefined;
  await showResult(files, contents, () => page(result, screen()), failed);
}

/** All runs' seconds, each where it was in time. */
function hlogOf(runs: readonly Run[]): string {
  const startedAt = runs[0]?.tally.startedAt ?? 0;
  const intervals = runs.flatMap(({ tally, seconds, measuredFrom }) => {
    const offset = (measuredFrom - runs[0]!.measuredFrom) / 1000;
    return seconds.map(({ second, latency }) => ({
      from: offset + second - 1,
      to: offset + Math.max(Math.min(second, tally.seconds), second - 1),
      latency: TimeCounts.unpack(latency).toHistogram(),
    }));
  });
  const unanswered = runs.reduce(
    (sum, { seconds }) =>
      seconds.reduce((inRun, one) => inRun + one.unanswered, sum),
    0,
  );
  return hlog(startedAt, intervals, unanswered);
}

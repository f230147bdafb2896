import { setTimeout as sleep } from "node:timers/promises";

import { formatEndpoint } from "../../address/endpoint.ts";
import { type Examination, examine } from "../../check/examine.ts";
import { monitorLine } from "../../check/monitor-line.ts";
import type { CheckResult } from "../../check/result.ts";
import { printableJson } from "../../printable.ts";
import { formatDuration, plural } from "../../units.ts";
import { LineFile } from "../shared/line-file.ts";
import { output } from "../shared/output.ts";
import { say } from "../shared/say.ts";
import { catchSignals } from "../shared/signals.ts";

const SILENT = { planned() {}, began() {}, progress() {}, found() {} };

/**
 * Examines again and again, a line each time, until Ctrl-C. A run that is due
 * while another goes on is left out, and told.
 * @param json the file of JSON lines; `-` is standard output, undefined: text
 * @returns the exit status
 */
export async function monitor(
  examination: Examination,
  every: number,
  json: string | undefined,
): Promise<number> {
  const signals = catchSignals(["SIGINT", "SIGTERM", "SIGHUP"]);
  using file =
    json === undefined || json === "-" ? undefined : new LineFile(json);
  const write = async (text: string) =>
    file === undefined ? output(text) : file.write(text);
  const began = performance.now();
  let before: CheckResult | undefined;
  say(
    `Examining ${formatEndpoint(examination.target)} every ${formatDuration(every)}. Ctrl-C stops.`,
  );
  try {
    for (let due = 0; !signals.stop.aborted;) {
      const wait = began + due * every - performance.now();
      await sleep(Math.max(wait, 0), undefined, { signal: signals.stop });
      const { result } = await examine(examination, SILENT, signals.stop);
      if (signals.stop.aborted) break;
      await write(
        json === undefined
          ? `${monitorLine(result, before)}\n`
          : `${printableJson(JSON.stringify(result))}\n`,
      );
      before = result;
      const next = Math.floor((performance.now() - began) / every) + 1;
      const left = next - due - 1;
      if (left > 0) {
        say(`${plural(left, "run")} left out: one takes longer than --every`);
      }
      due = next;
    }
  } catch (error) {
    if (!signals.stop.aborted) throw error;
  } finally {
    signals.release();
  }
  return signals.status ?? 0;
}

import type { ErrorCode } from "../errors/codes.ts";
import { asSounderError, SounderError } from "../errors/errors.ts";
import { sharedClock } from "../workers/clock.ts";
import { LOAD_WORKER } from "../workers/commands.ts";
import { toParent } from "../workers/parent.ts";
import { spawnWorker } from "../workers/spawn.ts";
import { drive, type DriveEvents } from "./worker.ts";
import type { Plan } from "./plan.ts";
import {
  reviveSecond,
  reviveTally,
  type SecondTally,
  type Tally,
} from "./tally.ts";
import type { Ending } from "./waiting.ts";

const ENDINGS = ["stop", "cut"] as const;

/** What a worker process is told. */
type Order =
  | { type: "plan"; plan: Plan }
  /** By sharedClock(). */
  | { type: "begin"; at: number }
  | { type: keyof Ending };

/** What it tells. */
type Report =
  | { type: "up" }
  | { type: "ready"; opened: number; code: string | undefined }
  | { type: "phase"; phase: "measuring" | "finishing" }
  | { type: "second"; tally: SecondTally }
  | { type: "done"; tally: Tally }
  | { type: "failed"; summary: string; code: ErrorCode };

/** A time by `performance.now()`, which begins with its process, for others. */
const shared = (at: number) => at - performance.now() + sharedClock();

/** The other way round. */
const own = (at: number) => at - sharedClock() + performance.now();

/**
 * As drive(), in a process of its own.
 * @param failed rejects when another worker has failed, and this one is to end
 */
export async function driveRemotely(
  plan: Plan,
  events: DriveEvents,
  ending: Ending,
  failed: Promise<never>,
): Promise<Tally> {
  const done = Promise.withResolvers<Tally>();
  using worker = spawnWorker<Order, Report>([LOAD_WORKER], (report) => {
    switch (report.type) {
      case "up":
        worker.send({ type: "plan", plan });
        for (const type of ENDINGS) if (ending[type].aborted) end[type]();
        return;
      case "ready":
        events.ready(report.opened, report.code).then(
          (at) => worker.send({ type: "begin", at: shared(at) }),
          (error) => done.reject(error),
        );
        return;
      case "second":
        events.second(reviveSecond(report.tally));
        return;
      case "phase":
        events.phase(report.phase);
        return;
      case "done":
        done.resolve(reviveTally(report.tally));
        return;
      case "failed":
        done.reject(new SounderError(report.summary, report.code));
    }
  });
  const end = {
    stop: () => worker.send({ type: "stop" }),
    cut: () => worker.send({ type: "cut" }),
  };
  for (const type of ENDINGS) ending[type].addEventListener("abort", end[type]);
  try {
    return await Promise.race([done.promise, worker.died, failed]);
  } finally {
    for (const type of ENDINGS) {
      ending[type].removeEventListener("abort", end[type]);
    }
  }
}

/** The other end of driveRemotely(). It ends with its parent. */
export async function serveAsWorker(): Promise<void> {
  const tell = toParent<Report>();
  const begin = Promise.withResolvers<number>();
  const ending = { stop: new AbortController(), cut: new AbortController() };
  const { stop, cut } = ending;
  const over = Promise.withResolvers<void>();
  const events: DriveEvents = {
    ready(opened, code) {
      tell({ type: "ready", opened, code });
      return begin.promise;
    },
    phase: (phase) => tell({ type: "phase", phase }),
    second: (tally) => tell({ type: "second", tally }),
  };
  process.on("disconnect", () => over.resolve());
  // They reach the whole group, and the parent says what they mean.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {});
  }
  process.on("message", (order: Order) => {
    if (order.type === "begin") begin.resolve(own(order.at));
    else if (order.type !== "plan") ending[order.type].abort();
    else {
      const signals = { stop: stop.signal, cut: cut.signal };
      drive(order.plan, events, signals).then(
        (tally) => tell({ type: "done", tally }),
        (error: unknown) => {
          const { summary, code } = asSounderError(error);
          tell({ type: "failed", summary, code });
        },
      );
    }
  });
  tell({ type: "up" });
  return over.promise;
}

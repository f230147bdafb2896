import { sharedClock } from "../../workers/clock.ts";
import { obeyParent } from "../../workers/parent.ts";
import { spawnWorker } from "../../workers/spawn.ts";
import { LOAD } from "./messages.ts";
import type { Plan } from "../plan.ts";
import { Tally } from "./tally.ts";
import type { Ending } from "../waiting.ts";
import { Worker, type WorkerEvents } from "./worker.ts";

const ENDINGS = ["stop", "cut"] as const;

/** A time by `performance.now()`, which begins with its process, for others. */
const shared = (at: number) => at - performance.now() + sharedClock();

/** The other way round. */
const own = (at: number) => at - sharedClock() + performance.now();

/**
 * As Worker.run(), in a process of its own.
 * @param failed rejects when another worker has failed, and this one is to end
 */
export async function runRemotely(
  plan: Plan,
  events: WorkerEvents,
  ending: Ending,
  failed: Promise<never>,
): Promise<Tally> {
  const done = Promise.withResolvers<Tally>();
  using worker = spawnWorker(LOAD, {
    onUp() {
      worker.send({ type: "plan", plan });
      for (const type of ENDINGS) if (ending[type].aborted) end[type]();
    },
    onMessage(message) {
      switch (message.type) {
        case "ready":
          events.ready(message.opened, message.code).then(
            (at) => worker.send({ type: "begin", at: shared(at) }),
            (error) => done.reject(error),
          );
          return;
        case "second":
          events.second(message.second);
          return;
        case "phase":
          events.phase(message.phase);
          return;
        case "done":
          done.resolve(Tally.unpack(message.tally));
      }
    },
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

/** The other end of runRemotely(). It ends with its parent. */
export async function serveAsWorker(): Promise<void> {
  const begin = Promise.withResolvers<number>();
  const ending = { stop: new AbortController(), cut: new AbortController() };
  const { stop, cut } = ending;
  const over = Promise.withResolvers<void>();
  process.on("disconnect", () => over.resolve());
  // They reach the whole group, and the parent says what they mean.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {});
  }
  const tell = obeyParent(LOAD, async (message) => {
    if (message.type === "begin") begin.resolve(own(message.at));
    else if (message.type !== "plan") ending[message.type].abort();
    else {
      const signals = { stop: stop.signal, cut: cut.signal };
      const tally = await new Worker(message.plan, events, signals).run();
      tell({ type: "done", tally: tally.pack() });
    }
  });
  const events: WorkerEvents = {
    ready(opened, code) {
      tell({ type: "ready", opened, code });
      return begin.promise;
    },
    phase: (phase) => tell({ type: "phase", phase }),
    second: (second) => tell({ type: "second", second }),
  };
  return over.promise;
}

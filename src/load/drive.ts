import { Generator } from "./generator.ts";
import type { Plan } from "./plan.ts";
import { whenAborted } from "./stop.ts";
import type { SecondTally, Tally } from "./tally.ts";

const LOOK_EVERY = 5;
/** How long answers are awaited that somebody who interrupts has to wait for. */
const PATIENCE = 1000;

/** What a run tells while it goes on, and waits for. */
export interface DriveEvents {
  /**
   * All connections have been tried: resolves with when traffic begins, in
   * milliseconds since 1970, by clock().
   * @param code why one could not be opened, if any could not
   */
  ready(opened: number, code: string | undefined): Promise<number>;
  /** Finishing is to await what is in flight. */
  phase(phase: "measuring" | "finishing"): void;
  /** A second of measuring is over. */
  second(tally: SecondTally): void;
}

/** Milliseconds since 1970, finer than Date.now(): processes agree on it. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

/** Resolves when `done()` holds, or never later than `deadline`. */
async function until(done: () => boolean, deadline: number): Promise<void> {
  while (!done() && performance.now() < deadline) {
    const left = deadline - performance.now();
    await Bun.sleep(Math.max(1, Math.min(LOOK_EVERY, left)));
  }
}

/**
 * Runs one worker's plan from the first connection to the last: open, warm up,
 * measure, let what is in flight come back, finish.
 *
 * @param stop ends the measuring early; what was measured still counts
 */
export async function drive(
  plan: Plan,
  events: DriveEvents,
  stop: AbortSignal,
): Promise<Tally> {
  const generator = new Generator(plan);
  try {
    await measure(generator, plan, events, stop);
  } finally {
    generator.stop();
    await generator.pool.finishAll();
  }
  return generator.tally;
}

async function measure(
  generator: Generator,
  plan: Plan,
  events: DriveEvents,
  stop: AbortSignal,
): Promise<void> {
  const { tally, pool } = generator;
  const counted = plan.duration === undefined;
  const ramped = plan.ramp > 0;
  if (ramped) generator.start(performance.now());
  const rampEnd = performance.now() + plan.ramp;
  await Promise.race([pool.openAll(), whenAborted(stop)]);
  await until(() => stop.aborted, rampEnd);

  const [code] = tally.errors.keys();
  const begin = await events.ready(tally.opened, code);
  const start = performance.now() + begin - clock();
  const from = start + plan.warmup;
  generator.countFrom = from;
  const measured = from + (plan.duration ?? Infinity);
  generator.sendUntil = measured;
  // An open loop finds its beginning by itself, and better than a timer would.
  if (plan.rate === undefined) await until(() => stop.aborted, start);
  if (!ramped && !stop.aborted) generator.start(start);
  await until(() => stop.aborted, from);

  events.phase("measuring");
  const cpu = process.cpuUsage();
  const wall = performance.now();
  generator.startSeconds();
  let second = 1;
  let ticker: Timer | undefined;
  (function tick() {
    const boundary = from + second * 1000;
    if (boundary >= measured) return;
    // An interval's lateness would add up.
    ticker = setTimeout(() => {
      events.second(generator.takeSecond(second));
      second += 1;
      tick();
    }, boundary - performance.now());
  })();
  const over = () => generator.exhausted || pool.deserted;
  await until(() => stop.aborted || (counted && over()), measured);

  if (counted) {
    await until(
      () => stop.aborted || generator.inFlight === 0,
      performance.now() + plan.timeout,
    );
  }
  clearTimeout(ticker);
  const used = process.cpuUsage(cpu);
  const now = performance.now();
  tally.busiest = (used.user + used.system) / 1000 / (now - wall);
  tally.answered = generator.answers;
  // The wait for what never came is part of how long it took.
  const complete = counted && tally.received === tally.sent;
  const end = complete ? generator.lastAnswer : now;
  tally.startedAt = Math.min(begin + plan.warmup, clock());
  tally.seconds = Math.max(end - from, 0) / 1000;

  events.phase("finishing");
  // What was due in time is sent, however late it is by now, and awaited.
  generator.sendUntil = Math.min(measured, now);
  const patience = stop.aborted ? PATIENCE : plan.timeout;
  await until(() => over(), performance.now() + patience);
  generator.stop();
  await until(() => generator.inFlight === 0, performance.now() + patience);
  events.second(generator.takeSecond(second, tally.answered));
}

import { Generator } from "./traffic.ts";
import type { Plan } from "./plan.ts";
import { whenAborted } from "./stop.ts";
import type { SecondTally, Tally } from "./tally.ts";
import { type Ending, until, Waiting } from "./waiting.ts";

/** What a run tells while it goes on, and waits for. */
export interface DriveEvents {
  /**
   * All connections have been tried: resolves with when traffic begins, by
   * `performance.now()`.
   * @param code why one could not be opened, if any could not
   */
  ready(opened: number, code: string | undefined): Promise<number>;
  /** Finishing is to await what is in flight. */
  phase(phase: "measuring" | "finishing"): void;
  /** A second of measuring is over. */
  second(tally: SecondTally): void;
}

/** Message n may be due a rounding error before the moment it belongs to. */
const EDGE = 1e-3;
/** Who judges what is late does so a little later. */
const GRACE = 250;

/**
 * Runs one worker's plan from the first connection to the last: open, warm up,
 * measure, let what is in flight come back, finish.
 *
 * @param ending ends it early; what was measured still counts
 */
export async function drive(
  plan: Plan,
  events: DriveEvents,
  ending: Ending,
  generator = new Generator(plan),
): Promise<Tally> {
  const { tally, pool } = generator;
  const waiting = new Waiting(ending);
  let from = 0;
  try {
    from = await warmUp(generator, plan, events, ending.stop);
    const second = await measure(generator, plan, events, waiting, from);
    await finish(generator, plan, events, waiting, second);
  } finally {
    generator.stop();
    await pool.finishAll(waiting);
  }
  tally.timeFailures(from);
  return tally;
}

/** @returns from when on messages count, which is now or was just before */
async function warmUp(
  generator: Generator,
  plan: Plan,
  events: DriveEvents,
  stop: AbortSignal,
): Promise<number> {
  const { tally, pool } = generator;
  const ramped = plan.ramp > 0;
  if (ramped) generator.start(performance.now());
  const rampEnd = performance.now() + plan.ramp;
  await Promise.race([pool.openAll(), whenAborted(stop)]);
  await until(() => stop.aborted, rampEnd);

  const [code] = tally.errors.keys();
  const start = await events.ready(tally.opened, code);
  const from = start + plan.warmup;
  generator.countFrom = from - EDGE;
  generator.sendUntil = from - EDGE + (plan.duration ?? Infinity);
  // An open loop finds its beginning by itself, and better than a timer would.
  if (plan.rate === undefined) await until(() => stop.aborted, start);
  if (!ramped && !stop.aborted) generator.start(start);
  await until(() => stop.aborted, from);
  return from;
}

/** @returns the second that is not over, from 1 on */
async function measure(
  generator: Generator,
  plan: Plan,
  events: DriveEvents,
  waiting: Waiting,
  from: number,
): Promise<number> {
  const { tally, pool } = generator;
  const { stop } = waiting.ending;
  const counted = plan.duration === undefined;
  const measured = from + (plan.duration ?? Infinity);
  events.phase("measuring");
  const cpu = process.cpuUsage();
  const wall = performance.now();
  tally.startedAt = Date.now() - Math.max(wall - from, 0);
  pool.standstill.longest = 0;
  generator.startSeconds();
  const seconds = takeSeconds(generator, events, from, measured);
  const over = () => generator.exhausted || pool.deserted;
  await until(() => stop.aborted || (counted && over()), measured);
  if (counted) {
    const back = () => stop.aborted || generator.inFlight === 0;
    await waiting.for(back, plan.timeout + GRACE);
  }
  const second = seconds.stop();

  const used = process.cpuUsage(cpu);
  const now = performance.now();
  tally.busiest = (used.user + used.system) / 1000 / (now - wall);
  tally.stoodStill = pool.standstill.longestBy(now);
  tally.answered = generator.answers;
  // The wait for what never came is part of how long it took.
  const complete = counted && tally.answered === tally.sent;
  const end = complete ? generator.lastAnswer : now;
  tally.seconds = Math.max(end - from, 0) / 1000;
  // What was due in time is sent, however late it is by now, and awaited.
  generator.sendUntil = Math.min(generator.sendUntil, now);
  return second;
}

/** Tells each second once it is over, but for the last. */
function takeSeconds(
  generator: Generator,
  events: DriveEvents,
  from: number,
  measured: number,
): { stop(): number } {
  let second = 1;
  let ticker: Timer | undefined;
  (function tick() {
    const boundary = from + second * 1000;
    if (boundary >= measured) return;
    const left = boundary - performance.now();
    // An interval's lateness would add up.
    ticker = setTimeout(
      () => {
        events.second(generator.takeSecond(second));
        second += 1;
        tick();
      },
      Math.max(left, 0),
    );
  })();
  return {
    stop() {
      clearTimeout(ticker);
      return second;
    },
  };
}

async function finish(
  generator: Generator,
  plan: Plan,
  events: DriveEvents,
  waiting: Waiting,
  second: number,
): Promise<void> {
  const { tally, pool } = generator;
  const patience = plan.timeout + GRACE;
  events.phase("finishing");
  await waiting.for(() => generator.exhausted || pool.deserted, patience);
  generator.stop();
  await waiting.for(() => generator.inFlight === 0, patience);
  generator.giveUpRest();
  events.second(generator.takeSecond(second, tally.answered));
}

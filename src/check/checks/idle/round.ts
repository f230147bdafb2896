import type { Path } from "../../path.ts";
import type { Tell } from "../check.ts";
import { bracketOf } from "./bracket.ts";
import { type Direction, type Fate, type Rest, Resting } from "./resting.ts";

/** Connections opened at a time. */
const AT_ONCE = 8;
/** Dead rungs after which higher ones are not tried. */
const DEAD_ENOUGH = 2;
/** Connections that can't be had, after which no more are asked for. */
const REFUSED_ENOUGH = 3;

/** What one round of connections showed. */
export interface Tried {
  fates: Fate[];
  /** Idle times that could not be tried: no connection was to be had. */
  untried: number;
}

/** How a round is held. */
export interface Plan {
  direction: Direction;
  /** In seconds, in the order in which connections are opened. */
  rungs: readonly number[];
  round: number;
  /** As in Rest. */
  patience: number;
  /** All of them are waited for, however many are dead. */
  all?: boolean;
}

/** All begin to lie idle now, and each is spoken on once. */
export async function tryAll(
  path: Path,
  plan: Plan,
  tell: Tell,
): Promise<Tried> {
  const { direction, rungs, round, patience } = plan;
  const enough = new AbortController();
  const fates: Fate[] = [];
  let untried = 0;
  const most = Math.max(...rungs);
  const stopTelling = tellLeft(most, fates, tell);
  async function tryOne(resting: Resting): Promise<void> {
    await using _one = resting;
    const fate = await resting.live(enough.signal);
    if (fate === undefined) return;
    fates.push(fate);
    const dead = fates.filter(({ result }) => result !== "alive");
    if (dead.length >= DEAD_ENOUGH && plan.all !== true) enough.abort();
  }
  const running: Promise<void>[] = [];
  const waiting = [...rungs];
  async function lane(): Promise<void> {
    for (let seconds; (seconds = waiting.shift()) !== undefined;) {
      if (enough.signal.aborted || path.stop.aborted) return;
      if (untried >= REFUSED_ENOUGH) {
        untried += 1;
        continue;
      }
      const watched = path.cooperates && seconds === most;
      const rest: Rest = { direction, seconds, round, patience, watched };
      try {
        running.push(tryOne(await Resting.open(path, rest)));
      } catch {
        path.stop.throwIfAborted();
        untried += 1;
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    await Promise.all(running);
  } finally {
    stopTelling();
  }
  return { fates, untried };
}

/** @returns what ends it */
function tellLeft(
  most: number,
  fates: readonly Fate[],
  tell: Tell,
): () => void {
  const began = performance.now();
  const told = setInterval(() => {
    const left = most - (performance.now() - began) / 1000;
    const { survived } = bracketOf(fates);
    const alive = survived > 0 ? `, alive at ${survived.toFixed(0)} s` : "";
    if (left > 0) tell(`${Math.ceil(left)} s left at most${alive}`);
  }, 500);
  return () => clearInterval(told);
}

/**
 * How long an answer takes where nothing lies idle: on a connection that is spoken
 * on twice in a row.
 * @returns milliseconds; the fate of one that did not live, where there was none
 * @throws as Resting.open()
 */
export async function timeOfAnswer(path: Path): Promise<number | Fate> {
  const rest: Rest = {
    direction: "from-client",
    seconds: 0,
    round: -1,
    patience: path.reach.timeout,
    watched: false,
  };
  await using control = await Resting.open(path, rest);
  const began = performance.now();
  const fate = await control.live(path.stop);
  path.stop.throwIfAborted();
  return fate!.result === "alive" ? performance.now() - began : fate!;
}

import type { Path } from "../../path.ts";
import type { Tell } from "../check.ts";
import { NARROW, rungsBetween, rungsUpTo } from "./ladder.ts";
import { type Direction, type Fate, Resting } from "./resting.ts";

/** Connections opened at a time. */
const AT_ONCE = 8;
/** Dead rungs after which higher ones are not tried. */
const DEAD_ENOUGH = 2;

/** All that was tried of one direction. */
export interface Searched {
  direction: Direction;
  fates: Fate[];
  /** Idle times that could not be tried: no connection was to be had. */
  untried: number;
}

/** The longest that lived below the first that did not, and that one. */
export interface Bracket {
  survived: number;
  killed: Fate | undefined;
}

/** @param fates of one direction */
export function bracketOf(fates: readonly Fate[]): Bracket {
  const ascending = fates.toSorted((a, b) => a.seconds - b.seconds);
  const killed = ascending.find(({ result }) => result !== "alive");
  const survived = ascending.findLast(
    ({ result, seconds }) =>
      result === "alive" && seconds < (killed?.seconds ?? Infinity),
  );
  // What is ended by an announcement lived until then.
  if (killed?.atUse === false) return { survived: killed.seconds, killed };
  return { survived: survived?.seconds ?? 0, killed };
}

/** Those that lived longer than others did: several devices, or backends. */
export function contradictions(fates: readonly Fate[]): Fate[] {
  const { killed } = bracketOf(fates);
  if (killed === undefined) return [];
  return fates.filter(
    ({ result, seconds }) => result === "alive" && seconds > killed.seconds,
  );
}

/** Looks for the idle time after which a direction is dead. */
export async function search(
  path: Path,
  direction: Direction,
  tell: Tell,
): Promise<Searched> {
  const climbed = await tryAll(
    path,
    direction,
    rungsUpTo(path.reach.idle / 1000),
    tell,
  );
  const { fates } = climbed;
  let { untried } = climbed;
  // What is announced tells its own time.
  for (let round = 0; round < 2; round += 1) {
    const { survived, killed } = bracketOf(fates);
    const isWide =
      killed?.atUse === true &&
      killed.seconds - survived > NARROW * killed.seconds;
    if (!isWide || path.stop.aborted || contradictions(fates).length > 0) break;
    const inside = rungsBetween(survived, killed.seconds);
    const tried = await tryAll(path, direction, inside, tell);
    fates.push(...tried.fates);
    untried += tried.untried;
  }
  return { direction, fates, untried };
}

/** Rungs of one ladder: all begin to lie idle now, each is spoken on once. */
async function tryAll(
  path: Path,
  direction: Direction,
  rungs: readonly number[],
  tell: Tell,
): Promise<Searched> {
  const enough = new AbortController();
  const fates: Fate[] = [];
  let untried = 0;
  const began = performance.now();
  const told = setInterval(() => tellProgress(), 500);
  const most = rungs.at(-1) ?? 0;
  function tellProgress(): void {
    const left = most - (performance.now() - began) / 1000;
    const { survived } = bracketOf(fates);
    const alive = survived > 0 ? `, alive at ${survived.toFixed(0)} s` : "";
    if (left > 0) tell(`${Math.ceil(left)} s left at most${alive}`);
  }
  async function tryOne(seconds: number, resting: Resting): Promise<void> {
    await using _one = resting;
    const fate = await resting.live(seconds, enough.signal);
    if (fate === undefined) return;
    fates.push(fate);
    const dead = fates.filter(({ result }) => result !== "alive");
    if (dead.length >= DEAD_ENOUGH) enough.abort();
  }
  const running: Promise<void>[] = [];
  const waiting = [...rungs];
  async function lane(): Promise<void> {
    for (let rung; (rung = waiting.shift()) !== undefined;) {
      if (enough.signal.aborted || path.stop.aborted) return;
      try {
        const resting = await Resting.open(path, direction, rung);
        running.push(tryOne(rung, resting));
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
    clearInterval(told);
  }
  return { direction, fates, untried };
}

/**
 * Of a server that serves one connection at a time: the same one lies idle for
 * longer and longer.
 */
export async function searchOnOne(path: Path, tell: Tell): Promise<Searched> {
  const fates: Fate[] = [];
  const never = new AbortController().signal;
  const most = path.reach.idle / 1000;
  for (let rung = 1; ; rung = Math.min(rung * 2, most)) {
    tell(`idle for ${rung.toFixed(0)} s of ${most.toFixed(0)} s`);
    await using resting = await Resting.open(path, "from-client", rung);
    const fate = await resting.live(rung, never);
    if (fate !== undefined) fates.push(fate);
    if (fate?.result !== "alive" || rung >= most) break;
  }
  return { direction: "from-client", fates, untried: 0 };
}

import type { Path } from "../../path.ts";
import type { Tell } from "../check.ts";
import {
  bracketOf,
  contradictions,
  disprovedAt,
  doubtful,
  isDead,
  strays,
} from "./bracket.ts";
import { bisecting, NARROW, rungsBetween, rungsUpTo } from "./ladder.ts";
import { type Direction, type Fate, Resting } from "./resting.ts";
import { type Plan, tryAll } from "./round.ts";

/** Fresh connections for each death that is in doubt. */
const AGAIN = 3;
/** Rounds of them. */
const DOUBTS = 3;
/** Connections that are not idle, where idle ones contradict each other. */
const CONTROLS = 8;
/** Rounds inside of a bracket, and where few connections are served. */
const CLOSER = 2;
const CLOSER_WITH_FEW = 5;

/** All that was tried of one direction. */
export interface Searched {
  direction: Direction;
  fates: readonly Fate[];
  /** Deaths that did not come again on fresh connections. */
  strays: readonly Fate[];
  /** Deaths that could not be tried again. */
  unsure: readonly Fate[];
  /** Deaths of connections that were not idle at all. */
  busy: readonly Fate[];
  /** Idle times of the first round that could not be tried. */
  untried: number;
}

/**
 * Looks for the idle time after which a direction is dead.
 * @param patience as in Rest
 */
export async function search(
  path: Path,
  direction: Direction,
  patience: number,
  tell: Tell,
): Promise<Searched> {
  let round = 0;
  const tryThese = (rungs: readonly number[], more: Partial<Plan> = {}) =>
    tryAll(path, { direction, rungs, patience, round: round++, ...more }, tell);
  const rungs = bisecting(rungsUpTo(path.reach.idle / 1000));
  const { fates, untried } = await tryThese(rungs);
  const most = untried > 0 ? CLOSER_WITH_FEW : CLOSER;
  // What is announced tells its own time.
  for (let closer = 0; closer < most && isWide(fates); closer += 1) {
    const { survived, killed } = bracketOf(fates);
    if (path.stop.aborted || contradictions(fates).length > 0) break;
    const inside = rungsBetween(survived, killed!.seconds);
    const tried = await tryThese(untried > 0 ? bisecting(inside) : inside);
    fates.push(...tried.fates);
  }
  const searched = { ...nothingOf(direction), fates, untried };
  const again = (these: readonly number[]) => tryThese(these, { all: true });
  const settled = await settle(path, searched, again);
  if (contradictions(settled.fates).length === 0) return settled;
  const controls = await again(Array<number>(CONTROLS).fill(0));
  return { ...settled, busy: controls.fates.filter(isDead) };
}

const nothingOf = (direction: Direction): Searched => ({
  direction,
  fates: [],
  strays: [],
  unsure: [],
  busy: [],
  untried: 0,
});

function isWide(fates: readonly Fate[]): boolean {
  const { survived, killed } = bracketOf(fates);
  return (
    killed?.atUse === true &&
    killed.seconds - survived > NARROW * killed.seconds
  );
}

/** Tries deaths again that were seen once. */
async function settle(
  path: Path,
  searched: Searched,
  tryAgain: (rungs: readonly number[]) => Promise<{ fates: Fate[] }>,
): Promise<Searched> {
  let { fates } = searched;
  const astray: Fate[] = [];
  for (let round = 0; round < DOUBTS && !path.stop.aborted; round += 1) {
    const doubts = doubtful(fates);
    if (doubts.length === 0) break;
    const rungs = doubts.flatMap((doubt) =>
      Array<number>(AGAIN).fill(disprovedAt(doubt)),
    );
    const again = await tryAgain(rungs);
    const lost = doubts.flatMap((doubt) => strays(fates, doubt, again.fates));
    astray.push(...lost);
    fates = fates.filter((fate) => !lost.includes(fate)).concat(again.fates);
  }
  return { ...searched, fates, strays: astray, unsure: doubtful(fates) };
}

/**
 * Of a server that serves one connection at a time: one after the other lies idle,
 * for longer and longer.
 * @param patience as in Rest
 */
export async function searchOnOne(
  path: Path,
  patience: number,
  tell: Tell,
): Promise<Searched> {
  const direction = "from-client";
  const fates: Fate[] = [];
  const never = new AbortController().signal;
  const most = path.reach.idle / 1000;
  let untried = 0;
  let round = 0;
  async function lie(seconds: number): Promise<Fate | undefined> {
    tell(`idle for ${seconds.toFixed(0)} s of ${most.toFixed(0)} s`);
    const rest = { direction, seconds, patience, watched: false } as const;
    try {
      await using one = await Resting.open(path, { ...rest, round: round++ });
      return await one.live(never);
    } catch {
      path.stop.throwIfAborted();
      untried += 1;
      return undefined;
    }
  }
  for (let rung = Math.min(1, most); ; rung = Math.min(rung * 2, most)) {
    const fate = await lie(rung);
    if (fate !== undefined) fates.push(fate);
    if (fate === undefined || isDead(fate) || rung >= most) break;
  }
  const searched = { ...nothingOf(direction), fates };
  const settled = await settle(path, searched, async ([seconds]) => {
    const fate = await lie(seconds!);
    return { fates: fate === undefined ? [] : [fate] };
  });
  return { ...settled, untried };
}

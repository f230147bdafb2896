import type { Fate } from "./resting.ts";

/** The longest that lived below the first that did not, and that one. */
export interface Bracket {
  survived: number;
  killed: Fate | undefined;
}

/** Deaths after idle times that differ by this share are the same. */
const ALIKE = 1.25;

export const isDead = ({ result }: Fate) => result !== "alive";

/** @param fates of one direction */
export function bracketOf(fates: readonly Fate[]): Bracket {
  const ascending = fates.toSorted((a, b) => a.seconds - b.seconds);
  const killed = ascending.find(isDead);
  const survived = ascending.findLast(
    (fate) => !isDead(fate) && fate.seconds < (killed?.seconds ?? Infinity),
  );
  // What is ended by an announcement lived until then.
  if (killed?.atUse === false) return { survived: killed.seconds, killed };
  return { survived: survived?.seconds ?? 0, killed };
}

/** Devices' timers and our own are not more exact. */
const LONGER = 1.03;
const LONGER_SECONDS = 0.1;

/** Those that lived longer than others did: several devices, or backends. */
export function contradictions(fates: readonly Fate[]): Fate[] {
  const { killed } = bracketOf(fates);
  if (killed === undefined) return [];
  const least = killed.seconds * LONGER + LONGER_SECONDS;
  return fates.filter((fate) => !isDead(fate) && fate.seconds > least);
}

const areAlike = (a: Fate, b: Fate) =>
  a.seconds <= b.seconds * ALIKE && b.seconds <= a.seconds * ALIKE;

/**
 * Deaths that may have another reason than the idle time, the lowest of those
 * that are alike: those opened at another time have not died of it. A server that
 * restarts ends all that are open, and a lost path loses some.
 * @param fates of one direction
 */
export function doubtful(fates: readonly Fate[]): Fate[] {
  const dead = fates.filter(isDead).toSorted((a, b) => a.seconds - b.seconds);
  const living = fates.filter((fate) => !isDead(fate));
  const longest = Math.max(0, ...living.map(({ seconds }) => seconds));
  const lowest = dead[0];
  const doubts = dead.filter(
    (fate) =>
      // Above all that lived, one that is sure makes the others likely.
      (fate === lowest || fate.seconds < longest) &&
      !dead.some(
        (other) => other.round !== fate.round && areAlike(fate, other),
      ),
  );
  const distinct: Fate[] = [];
  for (const one of doubts) {
    if (!distinct.some((other) => areAlike(one, other))) distinct.push(one);
  }
  return distinct;
}

/** How long a fresh one has to live, in seconds, for a death to be in doubt. */
export function disprovedAt({ seconds, atUse }: Fate): number {
  // An end that comes of its own accord is waited for.
  return atUse ? seconds : seconds * 1.1 + 0.5;
}

/** Those of a doubt, once it was tried again and what was tried lived. */
export function strays(
  fates: readonly Fate[],
  doubt: Fate,
  again: readonly Fate[],
): Fate[] {
  const living = again.filter(
    (fate) => !isDead(fate) && fate.seconds >= doubt.seconds,
  );
  const died = again.some((fate) => isDead(fate) && areAlike(fate, doubt));
  if (died || living.length === 0) return [];
  return fates.filter(
    (fate) =>
      isDead(fate) && fate.round === doubt.round && areAlike(fate, doubt),
  );
}

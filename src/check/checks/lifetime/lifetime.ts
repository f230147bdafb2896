import { formatDuration } from "../../../units.ts";
import type { Check } from "../check.ts";
import { live } from "./life.ts";
import { findingOf } from "./words.ts";

/**
 * How much later the second connection is opened: a part of the time, at most so
 * many milliseconds.
 */
const STAGGER_PARTS = 5;
const STAGGER = 10_000;
/** Where it is asked for by name alone, in milliseconds. */
const USUAL = 60_000;

/** Who ends connections that are in use, and at which age. */
export const lifetimeCheck: Check = {
  name: "lifetime",
  when: "long",
  applies: (path) => path.reach.lifetime !== undefined,
  async run(path, tell) {
    const lifetime = path.reach.lifetime ?? USUAL;
    const began = performance.now();
    const stagger = Math.min(lifetime / STAGGER_PARTS, STAGGER);
    const timer = setInterval(() => {
      const left = began + lifetime + stagger - performance.now();
      if (left > 0) tell(`${formatDuration(left)} left`);
    }, 1000);
    const lives = [live(path, lifetime, began)];
    if (!path.known.oneAtATime) {
      const second = path.wait(stagger);
      lives.push(second.then(() => live(path, lifetime, began)));
    }
    try {
      return findingOf(await Promise.all(lives), lifetime);
    } finally {
      clearInterval(timer);
    }
  },
};

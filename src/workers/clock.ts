import { ptr } from "bun:ffi";

import { cFunctions } from "../kernel/c-library.ts";

/** CLOCK_MONOTONIC of clock_gettime(2), which processes share. */
const CLOCKS: Partial<Record<NodeJS.Platform, number>> = {
  linux: 1,
  darwin: 6,
};

/**
 * Milliseconds by a clock that all processes of a machine share and nobody
 * sets: `performance.now()` begins with its process, and the time of day may
 * be put forward. Where there is none, it is that all the same.
 */
export const sharedClock: () => number = monotonic() ?? timeOfDay;

function monotonic(): (() => number) | undefined {
  const clock = CLOCKS[process.platform];
  const c = cFunctions({
    clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  });
  if (clock === undefined || c === undefined) return undefined;
  const timespec = new BigInt64Array(2);
  const read = () => c.clock_gettime(clock, ptr(timespec));
  if (read() !== 0) return undefined;
  return () => {
    read();
    return Number(timespec[0]) * 1e3 + Number(timespec[1]) / 1e6;
  };
}

function timeOfDay(): number {
  return performance.timeOrigin + performance.now();
}

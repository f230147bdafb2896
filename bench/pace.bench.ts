/** What it costs to tell when the next message of an open loop is due. */
import { bench, do_not_optimize, run, summary } from "mitata";

import { evenSchedule, poissonSchedule } from "../src/load/pacer/schedule.ts";

const RATE = 20_000;
const ALL = { first: 0, count: 1, of: 1 };
const THIRD = { first: 4, count: 3, of: 10 };

summary(() => {
  const even = evenSchedule(RATE, 0, ALL);
  const ramped = evenSchedule(RATE, 1e9, ALL);
  const shared = evenSchedule(RATE, 0, THIRD);
  const poisson = poissonSchedule(RATE, 0, ALL, 1);

  bench("even", () => do_not_optimize(even.next())).baseline();
  bench("even, on a ramp", () => do_not_optimize(ramped.next()));
  bench("even, one worker's share", () => do_not_optimize(shared.next()));
  bench("poisson", () => do_not_optimize(poisson.next()));
});

await run({ throw: true });

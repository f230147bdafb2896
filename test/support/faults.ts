import * as fc from "fast-check";

import {
  type Action,
  ACTIONS,
  type Fault,
  type On,
  type Parameter,
  RULES,
  type When,
} from "../../src/protocol/faults/fault.ts";

const size = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }),
  fc.constantFrom(2 ** 10, 2 ** 16, 2 ** 20, 2 ** 30, 1e4, 1e6, 4e9),
);
/** Whole microseconds. */
const time = fc.oneof(
  fc.integer({ min: 1, max: 1e9 }).map((us) => us / 1000),
  fc.constantFrom(1000, 1500, 60e3, 90e3, 3600e3),
);
const count = fc.integer({ min: 1, max: 2 ** 31 });

const PARAMETERS: Record<Parameter, fc.Arbitrary<object>> = {
  size: fc.record({ size }),
  time: fc.record({ time }),
  jittered: fc
    .record({ time, share: fc.integer({ min: 0, max: 10 }) })
    .map((drawn) => ({
      time: drawn.time,
      jitter: Math.floor(drawn.time * drawn.share * 100) / 1000,
    })),
  count: fc.record({ count }),
  version: fc.record({ version: fc.constantFrom(1, 2) }),
};

function when(allowed: readonly When["at"][]): fc.Arbitrary<When> {
  const kinds = allowed.flatMap((at): fc.Arbitrary<When>[] =>
    at === "idle"
      ? [fc.record({ at: fc.constant(at), time })]
      : [
          fc.record({ at: fc.constant(at), size }),
          fc.record({ at: fc.constant(at), time }),
        ],
  );
  return fc.oneof(...kinds);
}

const on: fc.Arbitrary<On> = fc.oneof(
  fc.record({
    percent: fc.integer({ min: 0, max: 1e8 }).map((millionths) => {
      return millionths / 1e6;
    }),
  }),
  fc.record({ every: count }),
  fc.record({ first: count }),
);

/** A drop of 10 every 5 would begin again before it is over. */
function isPossible(fault: Fault): boolean {
  if (fault.when?.at !== "every") return true;
  if ("size" in fault && "size" in fault.when) {
    return fault.size < fault.when.size;
  }
  if (fault.action === "freeze" && "time" in fault.when) {
    return fault.time < fault.when.time;
  }
  return true;
}

/** Any fault that can be. */
export const anyFault: fc.Arbitrary<Fault> = fc
  .constantFrom(...ACTIONS)
  .chain((action) => {
    const rule = RULES[action];
    const parameters = rule.parameters.map((name) => PARAMETERS[name]);
    const clauses = {
      ...(rule.toward !== "neither" && {
        toward: fc.constantFrom("client", "server"),
      }),
      ...(rule.when.length > 0 && { when: when(rule.when) }),
      ...(rule.on && { on }),
    };
    return fc
      .tuple(
        fc.tuple(...parameters),
        fc.record(clauses, { requiredKeys: [], noNullPrototype: true }),
      )
      .map(
        ([found, more]) =>
          Object.assign({ action }, ...found, more) as Action as Fault,
      );
  })
  .filter(isPossible);

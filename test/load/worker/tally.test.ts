import { expect, test } from "bun:test";
import fc from "fast-check";

import {
  FAULTS_TOLD,
  mergeSeconds,
  packSecond,
  Tally,
} from "../../../src/load/worker/tally.ts";
import { TimeCounts } from "../../../src/result/times.ts";

/** As it comes out of a message between processes. */
function sent<T>(value: T): T {
  return structuredClone(value);
}

/** Something that happened in a worker. */
const event = fc.record({
  worker: fc.nat(3),
  us: fc.integer({ min: 0, max: 10_000_000 }),
  code: fc.constantFrom("ECONNRESET", "ETIMEDOUT"),
  kind: fc.constantFrom("latency", "pacing", "service", "connect", "firstByte"),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

function tallyOf(events: Event[], seconds = 0): Tally {
  const tally = new Tally();
  for (const { us, code, kind } of events) {
    tally.sent += 2;
    tally.answered += 1;
    tally.opened += 3;
    tally.lost += 1;
    tally.served += 1;
    tally.unsent += 1;
    tally.mismatched += 4;
    tally.fail(code);
    tally[kind].record(us);
  }
  tally.seconds = seconds;
  tally.startedAt = 1000 - seconds;
  tally.busiest = seconds / 10;
  tally.stoodStill = seconds * 7;
  return tally;
}

test("Tally.add() of workers' tallies makes one of all that happened", () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const merged = new Tally();
      for (const worker of [0, 1, 2, 3]) {
        const own = events.filter((one) => one.worker === worker);
        merged.add(Tally.unpack(sent(tallyOf(own, worker).pack())));
      }
      expect(merged).toEqual(tallyOf(events, 3));
    }),
    { seed: 1, numRuns: 30 },
  );
});

test("received counts messages that have a latency, failed all codes", () => {
  const tally = new Tally();
  tally.latency.record(5);
  tally.latency.record(9_000_000_000);
  tally.service.record(5);
  tally.fail("ECONNRESET", 2);
  tally.fail("ETIMEDOUT");
  expect(tally.received).toBe(2);
  expect(tally.failed).toBe(3);
});

test("Tally.add() keeps the first faults, as many as are told", () => {
  const tally = new Tally();
  for (let worker = 0; worker < 3; worker += 1) {
    const other = new Tally();
    for (let n = 0; n < FAULTS_TOLD - 5; n += 1) {
      const text = "a byte";
      other.faults.push({ connection: worker, offset: n, kind: "lost", text });
    }
    tally.add(other);
  }
  expect(tally.faults).toHaveLength(FAULTS_TOLD);
  expect(tally.faults.at(-1)).toMatchObject({ connection: 1, offset: 4 });
});

test("tells the first failures of each code, of all workers", () => {
  const failure = (code: string, at: number) => ({
    code,
    connection: 0,
    at,
    byte: 0,
    silence: 0,
  });
  const [one, other] = [new Tally(), new Tally()];
  for (let n = 0; n < 7; n += 1) {
    one.tell(failure("EEARLY", 1000 * n));
    other.tell(failure("EEARLY", 1000 * n + 500));
  }
  one.tell(failure("ETIMEDOUT", 9000));
  one.timeFailures(1000);
  other.timeFailures(1000);
  one.add(Tally.unpack(sent(other.pack())));
  expect(one.failures.map(({ code, at }) => [code, at])).toEqual([
    ["EEARLY", -1],
    ["EEARLY", -0.5],
    ["EEARLY", 0],
    ["EEARLY", 0.5],
    ["EEARLY", 1],
    ["ETIMEDOUT", 8],
  ]);
});

test("mergeSeconds() adds what all workers saw", () => {
  const latency = new TimeCounts();
  latency.record(7);
  const one = { second: 3, messages: 5, errors: 1, unanswered: 4, latency };
  const other = packSecond({ ...one, messages: 2 });
  const { latency: packed, ...merged } = mergeSeconds([
    packSecond(one),
    sent(other),
    sent(other),
  ]);
  const all = new TimeCounts();
  for (let n = 0; n < 3; n += 1) all.record(7);
  expect({ ...merged, latency: TimeCounts.unpack(packed) }).toEqual({
    second: 3,
    messages: 9,
    errors: 3,
    unanswered: 12,
    latency: all,
  });
});

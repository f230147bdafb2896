/** Results as load makes them, one for each thing that a report shows. */
import type { Result } from "../../src/result/result.ts";
import { decode, timesOf } from "../../src/result/times.ts";
import { resultOf, serviceTimes, timesOfSamples } from "./result.ts";

const SECONDS = 20;
const RATE = 4000;

function stalled(): Result {
  const times = serviceTimes({ seed: 5, seconds: SECONDS, messages: RATE });
  const service = times.flat();
  // In the fifth second nothing is answered until its end.
  times[4] = times[4]!.map((us, index) => us + 1_000_000 - index * 250);
  const { options, ...rest } = resultOf(times);
  const pacing = serviceTimes({ seed: 7, median: 11, sigma: 0.2 });
  return {
    ...rest,
    target: "tcp://192.0.2.17:21567",
    options: { ...options, connections: 128, rate: RATE, workers: 2 },
    rate: { planned: RATE, messages: 3990.4, bytes: 255_386 },
    service: timesOfSamples(service),
    pacing: timesOfSamples(pacing.flat()),
    command: `sounder load 192.0.2.17 -c 128 -r ${RATE} -d 20s --workers 2`,
  };
}

/** An open loop against a server that froze for a second. */
export const openLoop: Result = stalled();

export const failing: Result = {
  ...openLoop,
  connections: { ...openLoop.connections, planned: 128, opened: 131, lost: 3 },
  messages: { sent: 80_012, received: 80_000, unanswered: 12 },
  latency: timesOf(decode(openLoop.latency.histogram), 12),
  service: timesOf(decode(openLoop.service.histogram), 12),
  bytes: { ...openLoop.bytes, mismatched: 65 },
  errors: { ECONNRESET: 3, ETIMEDOUT: 12 },
  failures: [
    { code: "ECONNRESET", connection: 7, at: -0.25, byte: 0, silence: 0 },
    { code: "ETIMEDOUT", connection: 3, at: 4.2, byte: 123_456, silence: 10 },
  ],
  faults: [
    {
      connection: 3,
      offset: 123_456_789,
      kind: "swapped",
      text: "64 bytes of connection 9 came back on connection 3",
    },
  ],
  warnings: ["the planned rate was not reached: 3,990/s of 4,000/s"],
  goals: [
    { goal: "p99<2ms", measured: 780_000, met: false },
    { goal: "errors<1%", measured: 0.000_15, met: true },
  ],
  series: openLoop.series.map((second, index) =>
    index === 4 ? { ...second, errors: 15, unanswered: 12 } : second,
  ),
  verdict: "fail",
};

const step = {
  p50: 60,
  p90: 90,
  p999: null,
  p9999: null,
  max: 900,
  met: true,
};

export const searching: Result = {
  ...resultOf(serviceTimes({ seed: 9 })),
  goals: [{ goal: "p99<1ms", measured: 160, met: true }],
  search: {
    rate: 2000,
    steps: [
      { ...step, rate: 1000, achieved: 999.4, p99: 120 },
      { ...step, rate: 2000, achieved: 1999.5, p99: 160 },
      {
        ...step,
        rate: 4000,
        achieved: 3120,
        p99: 80_000,
        max: 90_000,
        met: false,
      },
    ],
  },
};

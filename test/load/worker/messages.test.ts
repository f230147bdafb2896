import { expect, test } from "bun:test";

import { LOAD } from "../../../src/load/worker/messages.ts";
import { DEFAULTS, OPTIONS } from "../../../src/load/options.ts";
import { plansOf } from "../../../src/load/plan.ts";
import { packSecond, Tally } from "../../../src/load/worker/tally.ts";
import { parseEndpoint } from "../../../src/address/endpoint.ts";
import { TimeCounts } from "../../../src/result/times.ts";
import { read } from "../../../src/workers/messages.ts";

const target = parseEndpoint("127.0.0.1:1");
const [plan] = plansOf({ ...DEFAULTS, target }, target, "raw");
const tally = new Tally().pack();
const counts = { messages: 2, errors: 0, unanswered: 0 };
const second = packSecond({ second: 1, ...counts, latency: new TimeCounts() });

const FROM_WORKER = [
  { type: "ready", opened: 3, code: undefined },
  { type: "ready", opened: 0, code: "ECONNREFUSED" },
  { type: "phase", phase: "measuring" },
  { type: "second", second },
  { type: "done", tally },
];
const TO_WORKER = [
  { type: "plan", plan },
  { type: "plan", plan: { ...plan, rate: 7, until: { messages: 7 } } },
  { type: "begin", at: 1.5 },
  { type: "stop" },
  { type: "cut" },
];

test("what a load and its workers say to each other is understood", () => {
  for (const message of FROM_WORKER) {
    expect(read(LOAD.fromWorker, structuredClone(message)) as unknown).toEqual(
      message,
    );
  }
  for (const message of TO_WORKER) {
    expect(read(LOAD.toWorker, structuredClone(message)) as unknown).toEqual(
      message,
    );
  }
});

test("what lacks a part, or has one of another kind, is not", () => {
  const { numbers, errors, faults, failures, times } = tally;
  const rest = { numbers, errors, faults, failures };
  const wrong = [
    { type: "done", tally: undefined },
    { type: "done", tally: { ...tally, errors: {} } },
    { type: "done", tally: { ...tally, numbers: { ...numbers, sent: "1" } } },
    { type: "done", tally: { ...tally, times: { ...times, service: [1] } } },
    { type: "done", tally: rest },
    { type: "second", second: { ...second, latency: new TimeCounts() } },
    { type: "second", second: { ...second, messages: undefined } },
    { type: "ready", opened: 3, code: 7 },
    { type: "phase", phase: "resting" },
  ];
  for (const message of wrong) {
    expect(() => read(LOAD.fromWorker, message)).toThrow("EWORKER");
  }
  const plans = [
    { share: undefined },
    { share: {} },
    { reply: "auto" },
    { until: {} },
    ...Object.keys(OPTIONS).map((name) => ({
      [name]: name === "rate" ? "7" : undefined,
    })),
  ].map((other) => ({ type: "plan", plan: { ...plan, ...other } }));
  for (const message of [...plans, { type: "begin" }]) {
    expect(() => read(LOAD.toWorker, message)).toThrow("EWORKER");
  }
});

import { describe, expect, test } from "bun:test";

import { CLUSTER, type ClusterOptions } from "../../src/cluster/messages.ts";
import { metricsIn } from "../../src/status/metric.ts";
import { COUNTED, METRICS } from "../../src/status/metrics.ts";
import { NOTHING } from "../../src/status/snapshot.ts";
import { read } from "../../src/workers/messages.ts";
import { peerOf } from "../support/fake-source.ts";

const OPTIONS: ClusterOptions = {
  addresses: [{ kind: "tcp", host: "127.0.0.1", port: 1 }],
  log: "off",
  orphaned: { drainTimeout: 0 },
};

const toWorker = (message: object) => read(CLUSTER.toWorker, message);
const fromWorker = (message: object) => read(CLUSTER.fromWorker, message);

/** A copy in which something else is at a path. */
function altered<T extends object>(value: T, path: string, other: unknown): T {
  const copy = structuredClone(value);
  const names = path.split(".");
  const last = names.pop()!;
  let inside = copy as Record<string, unknown>;
  for (const name of names) inside = inside[name] as Record<string, unknown>;
  inside[last] = other;
  return copy;
}

describe("what a worker is told", () => {
  test.each([
    { type: "serve", worker: 1, options: OPTIONS },
    // Its part of a limit that is less than the workers are.
    { type: "serve", worker: 2, options: { ...OPTIONS, maxConnections: 0 } },
    { type: "tls", tls: { cert: "PEM", key: "PEM" } },
    { type: "snapshot", question: 1, query: { search: "", limit: 0 } },
    { type: "counts", question: 1 },
    { type: "stop", options: { drainTimeout: 1 } },
  ])("is understood: %j", (message) => {
    expect(toWorker(message)).toEqual(message as never);
  });

  test.each<[object, string]>([
    [{ type: "serve", worker: 1 }, "stop(): its argument is undefined"],
    [
      { type: "serve", worker: 1, options: { ...OPTIONS, workers: 2 } },
      "startServer(): there is no option workers",
    ],
    [
      { type: "serve", worker: 1, options: { ...OPTIONS, log: 1 } },
      'at "serve.options"',
    ],
    [{ type: "tls", tls: { cert: "PEM" } }, 'at "tls.tls"'],
    [{ type: "stop", options: { drainTimeout: -1 } }, "drainTimeout is -1"],
    [{ type: "counts" }, 'at "counts.question"'],
  ])("is not taken for what it is not: %j", (message, why) => {
    expect(() => toWorker(message)).toThrow(why);
  });
});

describe("what a worker tells", () => {
  const snapshot = { ...NOTHING, peers: [peerOf(1)], found: 1 };

  test("is understood", () => {
    for (const unready of [undefined, "no-files"] as const) {
      fromWorker({ type: "heartbeat", unready, counts: NOTHING });
    }
    fromWorker({ type: "snapshot", question: 1, snapshot });
    fromWorker({ type: "stopped", reset: 3 });
  });

  test("lacks no metric, and none is something else", () => {
    for (const [path] of metricsIn(COUNTED)) {
      for (const other of [undefined, "1", { FIN: "1" }]) {
        const counts = altered(NOTHING, path, other);
        const message = { type: "counts", question: 1, counts };
        expect(() => fromWorker(message)).toThrow('at "counts.counts"');
      }
    }
    for (const [path] of metricsIn(METRICS)) {
      const message = {
        type: "snapshot",
        question: 1,
        snapshot: altered(snapshot, path, undefined),
      };
      expect(() => fromWorker(message)).toThrow('at "snapshot.snapshot"');
    }
  });

  test.each<[object, string]>([
    [{ type: "snapshot", snapshot: { ...snapshot, peers: [{}] } }, "question"],
    [
      { type: "snapshot", question: 1, snapshot: { ...snapshot, peers: [{}] } },
      "snapshot.snapshot",
    ],
    [
      { type: "heartbeat", unready: "tired", counts: NOTHING },
      "heartbeat.unready",
    ],
    [{ type: "stopped", reset: "3" }, "stopped.reset"],
  ])("is not taken for what it is not: %j", (message, where) => {
    expect(() => fromWorker(message)).toThrow(where);
  });
});

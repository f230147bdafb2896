import {
  afterEach,
  beforeEach,
  describe,
  expect,
  setSystemTime,
  spyOn,
  test,
} from "bun:test";

import { Worker } from "../../../src/load/worker/worker.ts";
import { DEFAULTS, type LoadOptions } from "../../../src/load/options.ts";
import { plansOf } from "../../../src/load/plan.ts";
import type { Tally } from "../../../src/load/worker/tally.ts";
import { parseEndpoint } from "../../../src/address/endpoint.ts";
import { FakeServer } from "../../support/fake-dialler.ts";
import { VirtualTime } from "../../support/virtual-time.ts";

const target = parseEndpoint("127.0.0.1:1");

let time: VirtualTime;
beforeEach(() => void (time = new VirtualTime()));
afterEach(() => time[Symbol.dispose]());

/** What somebody does who runs it. */
interface Acts {
  /** How many milliseconds an answer takes. */
  delay?: number;
  /** It is called before the warm-up, and the other one with what follows. */
  ready?: () => void;
  phase?: (phase: string) => void;
  stop?: AbortSignal;
  cut?: AbortSignal;
}

/** Drives a load against a server that answers after `delay`. */
function driven(
  options: Partial<LoadOptions>,
  {
    delay = 1,
    ready = () => {},
    phase = () => {},
    stop = new AbortController().signal,
    cut = new AbortController().signal,
  }: Acts = {},
): Promise<Tally> {
  const server = new FakeServer();
  server.onWrite = (wire, bytes) =>
    void setTimeout(() => server.echo(wire, bytes.length), delay);
  const [plan] = plansOf(
    { ...DEFAULTS, target, connections: 1, warmup: 0, ...options },
    target,
    "raw",
  );
  const events = {
    async ready() {
      ready();
      return time.now;
    },
    phase,
    second() {},
  };
  const worker = new Worker(plan!, events, { stop, cut }, server.dialler);
  return time.until(worker.run());
}

describe("a worker tells how long it measured:", () => {
  test("a number of messages, up to its last answer", async () => {
    const { seconds, received } = await driven(
      { until: { messages: 10 } },
      { delay: 31.3 },
    );
    expect(received).toBe(10);
    // To look whether all are there takes up to 5 ms more.
    expect(seconds).toBeWithin(0.313, 0.3135);
  });

  test("a number of messages that did not all come, with the wait for them", async () => {
    const tally = await driven(
      { until: { messages: 2 }, timeout: 500, reconnect: false },
      { delay: 10_000 },
    );
    expect(tally.received).toBe(0);
    expect(tally.seconds).toBeGreaterThan(0.5);
  });

  test("a duration", async () => {
    const { seconds, answered } = await driven(
      { until: { duration: 2000 }, rate: 100 },
      { delay: 2 },
    );
    expect(seconds).toBeWithin(2, 2.006);
    expect(answered).toBe(200);
  });
});

test("a worker sends as many as the rate says, however its times are rounded", async () => {
  // By floating point, each one's message at a second's end is due before it.
  for (const rate of [17, 21, 34, 67]) {
    time.now = 0;
    const { sent } = await driven({
      rate,
      warmup: 1000,
      until: { duration: 1000 },
    });
    expect({ rate, sent }).toEqual({ rate, sent: rate });
  }
});

test("a worker counts from the warm-up's end on, and tells when that was", async () => {
  const began = Date.UTC(2026, 10, 1);
  setSystemTime(began);
  let [startedAt, measuredAt] = [0, 0];
  try {
    const phase = (name: string) => {
      // The time of day goes on with the other one.
      if (name !== "measuring") return;
      setSystemTime(began + 3000);
      measuredAt = time.now;
    };
    const from = time.now;
    const tally = await driven(
      { warmup: 3000, until: { duration: 100 }, rate: 100 },
      { phase },
    );
    startedAt = tally.startedAt;
    expect(tally.sent).toBe(10);
    expect(measuredAt - from).toBeGreaterThan(2990);
  } finally {
    setSystemTime();
  }
  expect(startedAt - began).toBeWithin(2990, 3001);
});

test("a worker counts the system's share of its processor time, too", async () => {
  // 1.2 s as a user and 0.6 s in the system, of two.
  const usage = spyOn(process, "cpuUsage");
  usage.mockImplementation(((before?: NodeJS.CpuUsage) =>
    before === undefined
      ? { user: 0, system: 0 }
      : { user: 1_200_000, system: 600_000 }) as never);
  try {
    const { busiest } = await driven({ until: { duration: 2000 }, rate: 10 });
    expect(busiest).toBeWithin(0.89, 0.901);
  } finally {
    usage.mockRestore();
  }
});

test("a worker tells for how long the generator stood still while it measured", async () => {
  const still = (when: string, ms: number) => (phase: string) => {
    if (phase === when) setTimeout(() => (time.now += ms), 300);
  };
  const options = { until: { duration: 2000 }, rate: 100 };
  const measured = await driven(options, { phase: still("measuring", 700) });
  expect(measured.stoodStill).toBeWithin(700, 760);
  expect(measured.sent).toBe(200);
  const warm = { ...options, warmup: 2000 };
  const ready = () => void setTimeout(() => (time.now += 700), 300);
  const before = await driven(warm, { ready });
  expect(before.stoodStill).toBe(0);
});

describe("a worker while it finishes", () => {
  const slow = { until: { duration: 1000 }, timeout: 60_000, connections: 4 };
  const took = async (acts: Acts) => {
    const from = time.now;
    const tally = await driven(slow, { delay: 10_000, ...acts });
    return { tally, ms: time.now - from };
  };

  test("awaits what is in flight", async () => {
    const { tally, ms } = await took({});
    expect(tally.received).toBe(4);
    expect(ms).toBeWithin(10_000, 10_300);
  });

  test("waits for a second more once it is stopped", async () => {
    const stop = new AbortController();
    const phase = (name: string) => {
      if (name === "finishing") setTimeout(() => stop.abort(), 500);
    };
    const { tally, ms } = await took({ stop: stop.signal, phase });
    expect(tally).toMatchObject({ sent: 4, received: 0, unfinished: 0 });
    expect(ms).toBeWithin(2490, 2600);
  });

  test("waits no more once it is cut", async () => {
    const [stop, cut] = [new AbortController(), new AbortController()];
    const phase = (name: string) => {
      if (name !== "finishing") return;
      setTimeout(() => stop.abort(), 500);
      setTimeout(() => cut.abort(), 600);
    };
    const signals = { stop: stop.signal, cut: cut.signal };
    const { tally, ms } = await took({ ...signals, phase });
    expect(tally).toMatchObject({ sent: 4, received: 0, unfinished: 0 });
    expect(ms).toBeWithin(1590, 1700);
  });
});

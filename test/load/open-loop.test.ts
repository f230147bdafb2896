import { expect, spyOn, test } from "bun:test";

import type { LoadConnection } from "../../src/load/connections/connection.ts";
import { DEFAULTS } from "../../src/load/options.ts";
import { OpenPacer } from "../../src/load/pacer/open.ts";
import { plansOf } from "../../src/load/plan.ts";
import { Tally } from "../../src/load/worker/tally.ts";
import { Traffic } from "../../src/load/worker/traffic.ts";
import { Window } from "../../src/load/worker/window.ts";
import { parseEndpoint } from "../../src/address/endpoint.ts";
import { TimeCounts } from "../../src/result/times.ts";
import { until } from "../support/until.ts";
import { VirtualTime } from "../support/virtual-time.ts";

/** A nanosecond apart: all are due as soon as the clock is looked at again. */
const AT_ONCE = 1e-6;

/** Where a message went, when it was due and when it was sent. */
interface Sent {
  to: string;
  due: number;
  now: number;
}

interface Stage {
  /** Messages that are taken, all in all. */
  messages?: number;
  /** Milliseconds from one to the next. */
  gap?: number;
  /** Messages a connection has room for. */
  room?: number;
}

const target = parseEndpoint("127.0.0.1:1");
const [plan] = plansOf({ ...DEFAULTS, target, rate: 1 }, target, "raw");

class Told extends TimeCounts {
  readonly late: number[] = [];

  override record(us: number): void {
    this.late.push(us / 1000);
  }
}

/** An open loop on connections without a server, and all that it did. */
function stage({ messages = Infinity, gap = 1, room = 1 }: Stage = {}) {
  const sent: Sent[] = [];
  const writes: string[] = [];
  let n = 0;
  let origin = 0;
  const schedule = {
    next: () => gap * n++,
    skip(ms: number) {
      const from = n;
      n = Math.max(n, Math.ceil(ms / gap));
      return n - from;
    },
  };
  const tally = new Tally();
  const window = new Window(plan!, tally);
  const pacing = new Told();
  const pacer = new OpenPacer(schedule, window, pacing);
  const traffic = new Traffic(plan!, window, tally, pacer);

  function connection(name: string): LoadConnection {
    let flying = 0;
    const one = {
      phase: name === "lost" ? "closed" : "open",
      dealt: 0,
      messages: {
        send: (_: unknown, count: number) => writes.push(name.repeat(count)),
      },
      get isFull() {
        return flying >= room;
      },
      push(due: number, now: number) {
        flying += 1;
        sent.push({ to: name, due: due - origin, now: now - origin });
      },
    };
    return one as unknown as LoadConnection;
  }
  return {
    traffic,
    tally,
    sent,
    writes,
    late: pacing.late,
    skip: (ms: number) => pacer.skip(origin + ms),
    /** @param connections by name: those that are open */
    start(...connections: string[]) {
      origin = performance.now();
      window.open(origin);
      window.until = origin + (messages - 0.5) * gap;
      const open = connections.map((name) => connection(name));
      traffic.start(open, origin);
    },
    /** A connection has room. */
    release: (name: string) => traffic.opened(connection(name)),
    [Symbol.dispose]: () => traffic.stop(),
  };
}

test("an open loop sends each message once, in order, never before it is due", async () => {
  using it = stage({ messages: 50, gap: 0.5, room: Infinity });
  it.start("a");
  await until(() => it.traffic.exhausted, "all are sent");
  expect(it.sent.map(({ due }) => due)).toEqual(
    Array.from({ length: 50 }, (_, n) => expect.closeTo(n * 0.5, 6)),
  );
  for (const { due, now } of it.sent) expect(now).toBeGreaterThanOrEqual(due);
  expect(it.late).toHaveLength(50);
});

test("an open loop sends nothing before it is started", () => {
  using it = stage();
  it.release("a");
  expect(it.sent).toEqual([]);
});

test("messages go to connections in turn, while they have room", async () => {
  using it = stage({ messages: 9, gap: 0.1, room: 3 });
  it.start("a", "b", "c");
  await until(() => it.sent.length === 9, "all are sent");
  expect(it.sent.map(({ to }) => to).join("")).toBe("abcabcabc");
});

test("where more messages are due than connections are free, each sends its share in one write", () => {
  using it = stage({ messages: 8, gap: AT_ONCE, room: 3 });
  it.start("a", "b", "c");
  expect(it.sent.map(({ to }) => to).join("")).toBe("abcabcab");
  expect(it.writes).toEqual(["aaa", "bbb", "cc"]);
});

test("a connection that gets room sends all that waits for it in one write", () => {
  using it = stage({ messages: 5, gap: AT_ONCE, room: 3 });
  it.start();
  for (const name of ["a", "b"]) it.release(name);
  expect(it.writes).toEqual(["aaa", "bb"]);
});

test("messages wait for a connection, and the generator is not called late", () => {
  using it = stage({ messages: 3, gap: AT_ONCE });
  it.start();
  expect(it.sent).toEqual([]);
  expect(it.traffic.exhausted).toBe(false);
  for (const name of ["a", "b", "c"]) it.release(name);
  expect(it.sent.map(({ to }) => to)).toEqual(["a", "b", "c"]);
  expect(it.late).toEqual([0, 0, 0]);
});

test("a generator calls itself late with what came due while it stood still, whoever that waits for", async () => {
  using time = new VirtualTime();
  using it = stage({ messages: 200, gap: 1 });
  it.start("a");
  // One is sent, and others wait.
  await time.pass(10.5);
  expect(it.sent).toHaveLength(1);
  time.now += 50;
  for (let n = 0; n < 60; n += 1) it.release(`${n}`);
  const [, ...late] = it.late;
  expect(late.slice(0, 9)).toEqual(new Array(9).fill(0));
  const duringIt = late.filter((ms) => ms > 0);
  expect(duringIt.length).toBeWithin(49, 52);
  expect(Math.max(...duringIt)).toBeWithin(49, 52);
});

test("a connection that was lost is passed over", () => {
  using it = stage({ messages: 1 });
  it.start("lost", "a");
  expect(it.sent.map(({ to }) => to)).toEqual(["a"]);
});

test("skip() gives up what is due, and goes on behind that", () => {
  using it = stage({ gap: 1000 });
  it.start();
  expect(it.skip(0)).toBe(0);
  expect(it.skip(2500)).toBe(3);
  expect(it.skip(2500)).toBe(0);
  it.release("a");
  expect(it.sent).toEqual([]);
  expect(it.skip(4001)).toBe(2);
});

test("stop() sends no more", () => {
  using it = stage({ messages: 4, gap: AT_ONCE });
  it.start();
  it.traffic.stop();
  expect(it.traffic.exhausted).toBe(true);
  it.release("a");
  expect(it.sent).toEqual([]);
  expect(it.tally.unsent).toBe(4);
  it.traffic.stop();
  expect(it.tally.unsent).toBe(4);
});

test("exhausted holds as soon as the next message is not to be sent", () => {
  using it = stage({ messages: 1, gap: 60_000 });
  it.start("a");
  expect(it.sent).toHaveLength(1);
  expect(it.traffic.exhausted).toBe(true);
});

test("a message that is due in a month does not keep it turning until then", () => {
  using timer = spyOn(globalThis, "setTimeout");
  using it = stage({ gap: 2 ** 40 });
  it.start("a");
  const waits = timer.mock.calls.map(([, ms]) => ms);
  expect(waits.at(-1)).toBe(2 ** 31 - 1);
});

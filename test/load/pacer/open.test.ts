import { expect, spyOn, test } from "bun:test";

import type { LoadConnection } from "../../../src/load/connection.ts";
import { Dispatcher } from "../../../src/load/pacer/open.ts";
import { until } from "../../support/until.ts";

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

/** A dispatcher, and all that it did. */
function stage({ messages = Infinity, gap = 1, room = 1 }: Stage = {}) {
  const sent: Sent[] = [];
  const late: number[] = [];
  const flying = new Map<unknown, number>();
  let n = 0;
  const last = (messages - 0.5) * gap;
  let origin = 0;
  const schedule = {
    next: () => gap * n++,
    skip(ms: number) {
      const from = n;
      n = Math.max(n, Math.ceil(ms / gap));
      return n - from;
    },
  };
  const dispatcher = new Dispatcher(schedule, {
    takes: (due) => due - origin < last,
    send(connection, due, now) {
      const to = (connection as unknown as { name: string }).name;
      sent.push({ to, due: due - origin, now: now - origin });
      const count = (flying.get(connection) ?? 0) + 1;
      flying.set(connection, count);
      return count < room;
    },
    late: (ms) => late.push(ms),
  });
  return {
    dispatcher,
    sent,
    late,
    skip: (ms: number) => dispatcher.skip(origin + ms),
    start() {
      origin = performance.now();
      dispatcher.start(origin);
    },
    release: (connection: LoadConnection) =>
      dispatcher.release(connection, performance.now()),
    [Symbol.dispose]: () => dispatcher.stop(),
  };
}

function named(name: string, phase = "open"): LoadConnection {
  return { name, phase } as unknown as LoadConnection;
}

test("Dispatcher sends each message once, in order, never before it is due", async () => {
  using it = stage({ messages: 50, gap: 0.5, room: Infinity });
  it.release(named("a"));
  it.start();
  await until(() => it.dispatcher.exhausted, "all are sent");
  expect(it.sent.map(({ due }) => due)).toEqual(
    Array.from({ length: 50 }, (_, n) => expect.closeTo(n * 0.5, 6)),
  );
  for (const { due, now } of it.sent) expect(now).toBeGreaterThanOrEqual(due);
  expect(it.late).toHaveLength(50);
});

test("Dispatcher sends nothing before it is started", () => {
  using it = stage();
  it.release(named("a"));
  expect(it.sent).toEqual([]);
});

test("Dispatcher gives messages to connections in turn, while they have room", async () => {
  using it = stage({ messages: 9, gap: 0.1, room: 3 });
  for (const name of ["a", "b", "c"]) it.release(named(name));
  it.start();
  await until(() => it.sent.length === 9, "all are sent");
  expect(it.sent.map(({ to }) => to).join("")).toBe("abcabcabc");
});

test("Dispatcher lets messages wait for a connection, and is not called late", () => {
  using it = stage({ messages: 3, gap: AT_ONCE });
  it.start();
  expect(it.sent).toEqual([]);
  expect(it.dispatcher.exhausted).toBe(false);
  for (const name of ["a", "b", "c"]) it.release(named(name));
  expect(it.sent.map(({ to }) => to)).toEqual(["a", "b", "c"]);
  expect(it.late).toEqual([0, 0, 0]);
});

test("Dispatcher calls itself late with what came due while it stood still, whoever that waits for", async () => {
  using it = stage({ messages: 200, gap: 1 });
  it.release(named("a"));
  it.start();
  await until(() => it.sent.length === 1, "one is sent, and others wait");
  const stalled = performance.now();
  while (performance.now() - stalled < 50);
  const over = performance.now();
  for (let n = 0; n < 60; n += 1) it.release(named(`${n}`));
  const duringIt = it.late.filter((ms) => ms > 0);
  expect(duringIt.length).toBeWithin(35, 60);
  expect(Math.max(...duringIt)).toBeWithin(40, 50 + performance.now() - over);
});

test("Dispatcher passes a connection over that was lost", () => {
  using it = stage({ messages: 1 });
  it.release(named("lost", "closed"));
  it.release(named("a"));
  it.start();
  expect(it.sent.map(({ to }) => to)).toEqual(["a"]);
});

test("skip() gives up what is due, and goes on behind that", () => {
  using it = stage({ gap: 1000 });
  it.start();
  expect(it.skip(0)).toBe(0);
  expect(it.skip(2500)).toBe(3);
  expect(it.skip(2500)).toBe(0);
  it.release(named("a"));
  expect(it.sent).toEqual([]);
  expect(it.skip(4001)).toBe(2);
});

test("stop() sends no more", () => {
  using it = stage({ messages: 4, gap: AT_ONCE });
  it.start();
  it.dispatcher.stop();
  expect(it.dispatcher.exhausted).toBe(true);
  it.release(named("a"));
  expect(it.sent).toEqual([]);
  expect(it.skip(Infinity)).toBe(0);
});

test("exhausted holds as soon as the next message is not to be sent", () => {
  using it = stage({ messages: 1, gap: 60_000 });
  it.release(named("a"));
  it.start();
  expect(it.sent).toHaveLength(1);
  expect(it.dispatcher.exhausted).toBe(true);
});

test("a message that is due in a month does not keep it turning until then", () => {
  using timer = spyOn(globalThis, "setTimeout");
  const { dispatcher, start } = stage({ gap: 2 ** 40 });
  dispatcher.release({ phase: "open" } as LoadConnection, performance.now());
  start();
  const waits = timer.mock.calls.map(([, ms]) => ms);
  dispatcher.stop();
  expect(waits.at(-1)).toBe(2 ** 31 - 1);
});

import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { hooksOf } from "../../../src/commands/shared/connection-log.ts";
import type { Log } from "../../../src/commands/shared/log.ts";
import type { Ended } from "../../../src/server/hooks.ts";

const SECOND = 1000;

/** Hooks, and what they tell their log: its method's name and arguments. */
function told(prefix?: string) {
  const lines: unknown[][] = [];
  const log = new Proxy({} as Log, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        void lines.push([name, ...args]),
  });
  const hooks = hooksOf(log, prefix);
  const peer = (id: number) => ({ id, peer: `10.0.0.1:${id}` });
  return {
    ...hooks,
    lines,
    /** Connections number `from` to `to` come. */
    open(from: number, to: number): void {
      for (let id = from; id <= to; id += 1) hooks.onConnect!(peer(id));
    },
    /** They end. */
    close(from: number, to: number): void {
      for (let id = from; id <= to; id += 1) {
        hooks.onDisconnect!({ ...peer(id), cause: "FIN" } as Ended);
      }
    },
    /** The numbers of connections that an event was told of, since last asked. */
    numbers(event: string): unknown[] {
      const own = lines.filter(([name]) => name === event);
      lines.splice(
        0,
        lines.length,
        ...lines.filter(([name]) => name !== event),
      );
      return own.map(([, one]) => (one as { id: unknown }).id);
    },
  };
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe("hooksOf() of connections", () => {
  test("tells a thousand a second one by one, and sums the others", () => {
    const { open, close, numbers, lines } = told();
    open(1, 1500);
    close(1, 1499);
    const thousand = Array.from({ length: 1000 }, (_, index) => index + 1);
    expect(numbers("connected")).toEqual(thousand);
    expect(numbers("disconnected")).toEqual(thousand);
    expect(lines).toEqual([]);
    jest.advanceTimersByTime(SECOND);
    expect(lines).toEqual([["summed", { connected: 500, closed: 499 }]]);

    // Who was not told to come is not told to go.
    lines.length = 0;
    close(1500, 1500);
    jest.advanceTimersByTime(SECOND);
    expect(lines).toEqual([["summed", { connected: 0, closed: 1 }]]);
  });

  test("tells the end of each that it told the beginning of", () => {
    const { open, close, numbers, lines } = told();
    for (let from = 1; from <= 2001; from += 1000) {
      open(from, from + 999);
      jest.advanceTimersByTime(SECOND);
    }
    expect(numbers("connected")).toHaveLength(3000);
    close(1, 3000);
    expect(numbers("disconnected")).toHaveLength(3000);
    jest.advanceTimersByTime(SECOND);
    expect(lines).toEqual([]);
  });

  test("tells workers apart", () => {
    const { open, close, numbers } = told("2.");
    open(7, 7);
    close(7, 7);
    expect(numbers("connected")).toEqual(["2.7"]);
    expect(numbers("disconnected")).toEqual(["2.7"]);
  });

  test("leaves no timer where nothing happens", () => {
    const { open } = told();
    open(1, 1);
    jest.advanceTimersByTime(SECOND);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe("hooksOf() of rejections", () => {
  const first = { reason: "deny", peer: "10.0.0.1:1" } as const;
  const last = { reason: "deny", peer: "10.0.0.2:2" } as const;
  const tls = { reason: "tls-failed", peer: "10.0.0.3:3", why: "x" } as const;

  test("sums a second's by reason, with the last of each", () => {
    const { onReject, lines } = told();
    for (const one of [first, tls, first, last]) onReject!(one);
    expect(lines).toEqual([]);
    jest.advanceTimersByTime(SECOND);
    const sums = [
      ["rejected", 3, last],
      ["rejected", 1, tls],
    ];
    expect(lines).toEqual(sums);
    jest.advanceTimersByTime(SECOND);
    expect(lines).toEqual(sums);
  });

  test("tells those of the last second before a stop", () => {
    const { onReject, onStopped, open, lines, numbers } = told();
    open(1, 1001);
    numbers("connected");
    onReject!(first);
    onStopped();
    expect(lines).toEqual([
      ["summed", { connected: 1, closed: 0 }],
      ["rejected", 1, first],
    ]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

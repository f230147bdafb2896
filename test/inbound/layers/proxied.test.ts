import { afterEach, describe, expect, jest, test } from "bun:test";
import * as fc from "fast-check";

import {
  proxied,
  type ProxiedOptions,
} from "../../../src/inbound/layers/proxied.ts";
import type { AnyHandlers } from "../../../src/socket/layer.ts";
import type { WireHandlers } from "../../../src/socket/wire.ts";
import { FakeSocket } from "../../support/fake-socket.ts";
import { WELL_FORMED } from "../../support/proxy-headers.ts";

const HEADER = "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n";
const SECOND = 1000;

afterEach(() => void jest.useRealTimers());

/** A gate before handlers that echo, and what they and its server were told. */
function gated(
  options: ProxiedOptions = {},
  instead: Partial<WireHandlers<unknown>> = {},
) {
  const told: string[] = [];
  const rejected: string[] = [];
  const inner: WireHandlers<unknown> = {
    open(wire) {
      told.push(`open ${wire.remoteAddress}:${wire.remotePort}`);
      instead.open?.(wire);
    },
    data(wire, chunk) {
      told.push("data");
      wire.write(chunk);
      instead.data?.(wire, chunk);
    },
    writable: () => void told.push("writable"),
    end: () => void told.push("end"),
    close: () => void told.push("close"),
    error: (_, error) => void told.push(`error ${error.message}`),
  };
  const gate = proxied({
    rejected: (reason) => void rejected.push(reason),
    ...options,
  });
  const handlers = gate.wrap(inner as AnyHandlers);
  return Object.assign(gate, {
    handlers,
    told,
    rejected,
    /** A peer that has connected, and has sent `texts`. */
    accept(...texts: string[]): FakeSocket {
      const socket = new FakeSocket(handlers);
      socket.happens("open");
      for (const text of texts) socket.happens(Buffer.from(text));
      return socket;
    },
  });
}

describe("proxied()", () => {
  test("proxied() opens, relays and closes as it should, whatever comes", () => {
    const stream = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...WELL_FORMED) },
      fc.record({ header: fc.uint8Array({ maxLength: 60 }) }),
    );
    const payload = fc.uint8Array({ maxLength: 40 });
    const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 6 });
    const aside = fc.constantFrom(
      "writable" as const,
      "end" as const,
      undefined,
    );
    fc.assert(
      fc.property(stream, payload, cuts, aside, (kind, body, sizes, extra) => {
        const gate = gated();
        const socket = gate.accept();
        let rest = Buffer.concat([
          Buffer.from(kind.header as string, "latin1"),
          body,
        ]);
        for (const size of [...sizes, rest.length]) {
          socket.happens(rest.subarray(0, size));
          rest = rest.subarray(size);
          if (extra === "writable" || size % 2 === 1)
            socket.happens("writable");
        }
        if ("source" in kind) {
          expect(gate.told[0]).toStartWith("open ");
          expect(socket.taken).toEqual(Buffer.from(body));
        }
        if (extra === "end") socket.happens("end");
        socket.happens("close");

        const events = gate.told.map((event) => event.split(" ")[0]);
        const opened = events[0] === "open";
        expect(events.filter((event) => event === "open").length).toBe(+opened);
        expect(events.filter((event) => event === "close").length).toBe(
          +opened,
        );
        expect(events.at(-1)).toBe(opened ? "close" : undefined);
        expect(gate.rejected.length).toBe(opened ? 0 : 1);
        if (!opened) expect(socket.writes).toEqual([]);
        expect(gate.waiting).toBe(0);
        expect(gate.stop()).toBe(0);
      }),
      { seed: 1, numRuns: 3000 },
    );
  });

  test("proxied() shows the header's source, or the real one without", () => {
    const gate = gated();
    for (const { header, source } of WELL_FORMED) {
      const socket = gate.accept();
      socket.happens(Buffer.from(header as string, "latin1"));
      const { address, port } = source ?? { address: "127.0.0.1", port: 53124 };
      expect(gate.told.pop()).toBe(`open ${address}:${port}`);
    }
  });

  test("proxied() closes with a reset what has no header", () => {
    const gate = gated();
    const socket = gate.accept("hello");
    expect(socket.acts).toEqual(["terminate"]);
    socket.happens(Buffer.from(HEADER));
    expect(gate).toMatchObject({ told: [], rejected: ["proxy-malformed"] });
  });

  test("proxied() tells why a header is malformed, and whose", () => {
    const reasons: unknown[] = [];
    const gate = gated({
      rejected: (...told) => reasons.push(told),
    });
    gate.accept("PROXY TCP9\r\n");
    expect(reasons).toEqual([
      [
        "proxy-malformed",
        "127.0.0.1:53124",
        "its line is not one of version 1",
      ],
    ]);
  });

  test("proxied() finishes with who finishes within the header", () => {
    for (const sent of ["", HEADER.slice(0, -1)]) {
      const gate = gated();
      const socket = gate.accept(sent);
      socket.happens("end");
      expect(socket.acts).toEqual(["end"]);
      expect(gate).toMatchObject({ told: [], rejected: ["proxy-absent"] });
    }
  });

  test("proxied() relays nothing to handlers that close in their open", () => {
    const gate = gated({}, { open: (wire) => wire.terminate() });
    gate.accept(`${HEADER}hello`);
    expect(gate.told).toEqual(["open 192.168.0.1:56324", "close"]);
    expect(gate.rejected).toEqual([]);
  });

  test("proxied() passes on what is done with the connection", () => {
    const acts = ["pause", "resume", "shutdown", "end"] as const;
    for (const act of acts) {
      const gate = gated({}, { open: (wire) => wire[act]() });
      expect(gate.accept(HEADER).acts).toEqual([act]);
    }
    const seen: unknown[] = [];
    const gate = gated(
      {},
      {
        open({ localAddress, localPort }) {
          seen.push(localAddress, localPort);
        },
        data: (wire, chunk) => seen.push(wire.write(chunk, 1, 2)),
      },
    );
    const { taken } = gate.accept(`${HEADER}hello`);
    expect(seen).toEqual(["127.0.0.1", 21567, 2]);
    expect(String(taken)).toBe("helloel");
  });

  test("proxied() gives errors to who made them", () => {
    const gate = gated();
    const inside = gate.accept(HEADER);
    gate.handlers.error(inside, new Error("broken"));
    expect(gate.told).toEqual(["open 192.168.0.1:56324", "error broken"]);
    expect(inside.acts).toEqual([]);

    const outside = gate.accept();
    gate.handlers.error(outside, new Error("broken"));
    expect(outside.acts).toEqual(["terminate"]);
    expect(gate.told.length).toBe(2);
  });
});

describe("allowed()", () => {
  const strict = { allowed: (address: string) => address === "10.0.0.1" };

  test.each([
    ["a proxy that is believed", "10.0.0.1", "10.0.0.2", []],
    ["any other peer", "10.0.0.3", "10.0.0.2", ["proxy-denied"]],
    ["a peer of a Unix socket", undefined, undefined, []],
    ["a peer that vanished at once", undefined, "10.0.0.2", ["proxy-absent"]],
  ])("allowed() decides on %s", (_, remote, local, rejected) => {
    const gate = gated(strict);
    const socket = new FakeSocket(gate.handlers);
    socket.remoteAddress = remote;
    socket.localAddress = local;
    socket.happens("open");
    socket.happens(Buffer.from(`${HEADER}hello`));
    const good = rejected.length === 0;
    expect(String(socket.taken)).toBe(good ? "hello" : "");
    expect(socket.acts).toEqual(good ? [] : ["terminate"]);
    expect(gate.rejected).toEqual(rejected);
  });
});

describe("timeout", () => {
  test("a header is awaited for its time, and no second more", () => {
    jest.useFakeTimers();
    const gate = gated();
    const mute = gate.accept();
    const dripping = gate.accept("PROXY ");
    const good = gate.accept(HEADER);
    jest.advanceTimersByTime(10 * SECOND - 1);
    dripping.happens(Buffer.from("T"));
    expect(gate.waiting).toBe(2);
    jest.advanceTimersByTime(SECOND);
    expect(mute.acts).toEqual(["terminate"]);
    expect(dripping.acts).toEqual(["terminate"]);
    expect(gate.rejected).toEqual(["proxy-late", "proxy-late"]);
    jest.advanceTimersByTime(100 * SECOND);
    expect(good.acts).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("hurry() leaves less time, and a header in it is good", () => {
    jest.useFakeTimers();
    const gate = gated({ timeout: 60 * SECOND });
    const mute = gate.accept();
    const slow = gate.accept();
    gate.hurry(SECOND);
    jest.advanceTimersByTime(SECOND - 1);
    slow.happens(Buffer.from(`${HEADER}hello`));
    jest.advanceTimersByTime(SECOND);
    expect(mute.acts).toEqual(["terminate"]);
    expect(String(slow.taken)).toBe("hello");
    expect(gate.rejected).toEqual(["proxy-late"]);
  });

  test("stop() resets who waits, which is no rejection, and no one else", () => {
    jest.useFakeTimers();
    const gate = gated();
    const waiting = [gate.accept(), gate.accept("PROXY")];
    const good = gate.accept(HEADER);
    expect(gate.stop()).toBe(2);
    for (const socket of waiting) expect(socket.acts).toEqual(["terminate"]);
    expect(good.acts).toEqual([]);
    expect(gate).toMatchObject({ waiting: 0, rejected: [] });
    expect(gate.told).toEqual(["open 192.168.0.1:56324"]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

import { describe, expect, test } from "bun:test";

import { peerOf } from "../../support/fake-source.ts";
import { pageScript } from "../../support/page-script.ts";

const { Meter, PeerMeters } = await pageScript("meter");

describe("Meter", () => {
  test("read() tells bytes per second between two readings", () => {
    const meter = new Meter();
    expect(meter.read(0, { in: 100, out: 50 }).rate).toEqual({
      in: null,
      out: null,
    });
    expect(meter.read(2000, { in: 1100, out: 250 }).rate).toEqual({
      in: 500,
      out: 100,
    });
  });

  test("read() keeps a rate while readings are too near", () => {
    const meter = new Meter();
    meter.read(0, { in: 0, out: 0 });
    meter.read(1000, { in: 1000, out: 1000 });
    expect(meter.read(1001, { in: 2000, out: 2000 }).rate).toEqual({
      in: 1000,
      out: 1000,
    });
    expect(meter.read(2000, { in: 2000, out: 2000 }).rate).toEqual({
      in: 1000,
      out: 1000,
    });
  });

  test("read() begins anew with a server that has", () => {
    const meter = new Meter();
    meter.read(0, { in: 1000, out: 1000 });
    expect(meter.read(1000, { in: 10, out: 10 }).rate).toEqual({
      in: null,
      out: null,
    });
    expect(meter.read(2000, { in: 20, out: 30 }).rate).toEqual({
      in: 10,
      out: 20,
    });
  });
});

describe("PeerMeters", () => {
  test("read() knows a connection wherever it is listed", () => {
    const meters = new PeerMeters();
    const at = (seconds: number, ...peers: ReturnType<typeof peerOf>[]) =>
      meters
        .read({ at: seconds * 1000, startedAt: 0, peers })
        .map((meter: { rate: { in: number | null } }) => meter.rate.in);
    const one = peerOf(1, { bytesIn: 100, worker: 0 });
    const other = peerOf(1, { bytesIn: 200, worker: 1 });
    expect(at(1, one, other)).toEqual([null, null]);
    expect(at(2, { ...other, bytesIn: 500 }, { ...one, bytesIn: 110 })).toEqual(
      [300, 10],
    );
    // The number is the same, the connection is not.
    expect(at(3, { ...one, since: 7, bytesIn: 900 })).toEqual([null]);
    expect(at(4, { ...one, bytesIn: 900 })).toEqual([null]);
  });
});

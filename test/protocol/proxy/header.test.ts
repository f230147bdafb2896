import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import {
  HeaderReader,
  type HeaderReading,
} from "../../../src/protocol/proxy/header.ts";
import {
  PEER,
  SIGNATURE,
  v2,
  WELL_FORMED,
} from "../../support/proxy-headers.ts";

const PAYLOAD = "GET / HTTP/1.1\r\n\r\n";

function bytes(header: string | Buffer): Buffer {
  return typeof header === "string" ? Buffer.from(header, "latin1") : header;
}

function read(header: string | Buffer): HeaderReading {
  return new HeaderReader().read(bytes(header));
}

/** Reads a stream in chunks that end at `cuts`; also, what was left of it. */
function readIn(stream: Buffer, cuts: readonly number[]) {
  const reader = new HeaderReader();
  const ends = [...cuts, stream.length].toSorted((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    const chunk = stream.subarray(start, end);
    const reading = reader.read(chunk);
    if (reading.state === "done") {
      return { ...reading, used: start + reading.used };
    }
    if (reading.state === "malformed") return reading;
    start = end;
  }
  return { state: "more" };
}

const aHeader = fc.constantFrom(...WELL_FORMED);

describe("HeaderReader", () => {
  test.each(WELL_FORMED)("read() reads $name", ({ header, source }) => {
    const whole = bytes(header);
    const done = { state: "done", source, used: whole.length } as const;
    expect(read(whole)).toEqual(done);
    expect(read(Buffer.concat([whole, Buffer.from(PAYLOAD)]))).toEqual(done);
  });

  test("read() takes a header in chunks that are split anywhere", () => {
    const cuts = fc.array(fc.nat({ max: 340 }), { maxLength: 8 });
    fc.assert(
      fc.property(aHeader, cuts, ({ header, source }, at) => {
        const whole = bytes(header);
        const stream = Buffer.concat([whole, Buffer.from(PAYLOAD)]);
        const within = at.map((cut) => Math.min(cut, stream.length));
        const used = whole.length;
        expect(readIn(stream, within)).toEqual({ state: "done", source, used });
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  test.each(WELL_FORMED)("read() takes $name byte by byte", (example) => {
    const whole = bytes(example.header);
    const reader = new HeaderReader();
    for (let at = 0; at < whole.length - 1; at += 1) {
      expect(reader.read(whole.subarray(at, at + 1))).toEqual({
        state: "more",
      });
    }
    const { source } = example;
    const last = reader.read(whole.subarray(-1));
    expect(last).toEqual({ state: "done", source, used: 1 });
  });

  test("read() takes a chunk of nothing for no news", () => {
    const reader = new HeaderReader();
    expect(reader.read(Buffer.alloc(0))).toEqual({ state: "more" });
    expect(reader.read(Buffer.from("PROX"))).toEqual({ state: "more" });
    expect(reader.read(Buffer.alloc(0))).toEqual({ state: "more" });
    expect(reader.read(Buffer.from("Y UNKNOWN\r\nx"))).toEqual({
      state: "done",
      source: undefined,
      used: 11,
    });
  });

  test("read() needs more of each header that is cut short", () => {
    for (const { header } of WELL_FORMED) {
      const whole = bytes(header);
      for (let length = 0; length < whole.length; length += 1) {
        expect(read(whole.subarray(0, length))).toEqual({ state: "more" });
      }
    }
  });

  test("read() ends in the same way wherever any bytes are split", () => {
    const start = fc.constantFrom("", "PROXY ", "PROXY TCP4 ", SIGNATURE);
    const more = fc.uint8Array({ maxLength: 200 });
    const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 6 });
    fc.assert(
      fc.property(start, more, cuts, (known, random, at) => {
        const stream = Buffer.concat([bytes(known), random]);
        const within = at.map((cut) => Math.min(cut, stream.length));
        expect(readIn(stream, within)).toEqual(read(stream));
      }),
      { seed: 2, numRuns: 3000 },
    );
  });

  test("read() takes no header whose first bytes have changed", () => {
    const at = fc.nat({ max: "PROXY".length });
    const flip = fc.integer({ min: 1, max: 255 });
    fc.assert(
      fc.property(aHeader, at, flip, ({ header }, index, bits) => {
        const forged = Buffer.from(bytes(header));
        forged[index]! ^= bits;
        expect(read(forged).state).toBe("malformed");
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  test("read() takes no header with a bit that its checksum does not cover", () => {
    const summed = bytes(
      WELL_FORMED.find(({ name }) => name.includes("unique ID"))!.header,
    );
    // The family, and the checksum's type: other ones hide that there is one.
    const hiding = [13, 28];
    for (let bit = 0; bit < summed.length * 8; bit += 1) {
      const at = bit >> 3;
      if (hiding.includes(at)) continue;
      const forged = Buffer.from(summed);
      forged[at]! ^= 1 << (bit & 7);
      expect(read(forged).state).not.toBe("done");
    }
  });
});

const MALFORMED: Record<string, (string | Buffer)[]> = {
  "does not begin with a PROXY header": [
    "GET / HTTP/1.1\r\n",
    "hello",
    "\r\n\r\n\r\n",
    "\r\n\r\n\0\r\nQUIX",
    "proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    " PROXY UNKNOWN\r\n",
    "PROXY\tUNKNOWN\r\n",
    "\0",
    Buffer.from([0x16, 3, 1, 2, 0, 1]),
  ],
  "its line does not end within 107 bytes": [
    `PROXY UNKNOWN ${"f".repeat(93)}`,
    `PROXY UNKNOWN ${"f".repeat(92)}\r\n`,
    `PROXY ${"\r".repeat(101)}\r\n`,
  ],
  "its line is not one of version 1": [
    "PROXY \r\n",
    "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY UNKNOWNS\r\n",
    "PROXY UNKNOWN\n",
    "PROXY UNKNOWN\r\r\n",
    "PROXY UNKNOWN a\rb\r\n",
    "PROXY UNKNOWN a\nb\r\n",
    "PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 00\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 0x1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 100000 2\r\n",
  ],
  "a port is beyond 65535": [
    "PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n",
  ],
  "its addresses are not both of IPv4": [
    "PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.256 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8.9 1 2\r\n",
    "PROXY TCP4 ::1 ::1 1 2\r\n",
    "PROXY TCP4 1.2.3.4 ::1 1 2\r\n",
    "PROXY TCP4 localhost 5.6.7.8 1 2\r\n",
  ],
  "its addresses are not both of IPv6": [
    "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP6 ::1 1.2.3.4 1 2\r\n",
    "PROXY TCP6 ::1 1::2::3 1 2\r\n",
    "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
    "PROXY TCP6 [::1] ::1 1 2\r\n",
    "PROXY TCP6 ::12345 ::1 1 2\r\n",
    "PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n",
  ],
  "it has neither command of version 2": [
    v2(0x11, 0x11, PEER),
    v2(0x31, 0x11, PEER),
    v2(0x22, 0x11, PEER),
    v2(0x2f, 0x00),
  ],
  "its address family or transport is not assigned": [
    v2(0x21, 0x41, PEER),
    v2(0x21, 0xf1, PEER),
    v2(0x21, 0x13, PEER),
  ],
  "it is longer than 4096 bytes": [
    v2(0x21, 0x00, Buffer.alloc(4081)),
    Buffer.concat([v2(0x20, 0x00).subarray(0, 14), Buffer.of(0xff, 0xff)]),
  ],
  "its addresses and TLVs do not fill it exactly": [
    v2(0x21, 0x11),
    v2(0x21, 0x11, PEER.subarray(1)),
    v2(0x21, 0x21, Buffer.alloc(35)),
    v2(0x21, 0x31, Buffer.alloc(215)),
    v2(0x21, 0x11, PEER, Buffer.from([4])),
    v2(0x21, 0x11, PEER, Buffer.from([4, 0])),
    v2(0x21, 0x11, PEER, Buffer.from([4, 0, 2, 0])),
    v2(0x21, 0x11, PEER, Buffer.from([4, 0xff, 0xff, 0])),
  ],
  "its checksum is wrong": [
    v2(0x21, 0x11, PEER, Buffer.from([3, 0, 4, 0, 0, 0, 0])),
    v2(0x21, 0x11, PEER, Buffer.from([3, 0, 0])),
    v2(0x21, 0x11, PEER, Buffer.from([3, 0, 3, 0, 0, 0])),
    v2(0x20, 0x00, Buffer.from([3, 0, 4, 0xa9, 0xb8, 0x7e, 0x8e])),
  ],
};

describe.each(Object.entries(MALFORMED))("%s", (why, headers) => {
  test.each(headers.map((header) => [JSON.stringify(String(header)), header]))(
    "read() rejects %s",
    (_, header) => {
      expect(read(header)).toEqual({
        state: "malformed",
        why: expect.stringContaining(why),
      });
    },
  );
});

import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { TlsRecords } from "../../../src/socket/tls/records.ts";

const [ALERT, APPLICATION_DATA] = [21, 23];

/** A record of which only type and length matter. */
interface Sealed {
  type: number;
  length: number;
  /** Bytes of data in it. */
  data: number;
}

function bytesOf({ type, length }: Sealed): Buffer {
  const record = Buffer.alloc(5 + length, 0xab);
  record.writeUInt8(type, 0);
  record.writeUInt16BE(0x0303, 1);
  record.writeUInt16BE(length, 3);
  return record;
}

/** The records of one version: what is in them tells only in TLS 1.2. */
const SEALS = {
  "TLSv1.3": {
    data: (data: number) => ({
      type: APPLICATION_DATA,
      length: data + 17,
      data,
    }),
    message: (length: number) => ({
      type: APPLICATION_DATA,
      length: length + 17,
      data: 0,
    }),
    alert: { type: APPLICATION_DATA, length: 2 + 17, data: 0 },
  },
  "TLSv1.2": {
    data: (data: number) => ({
      type: APPLICATION_DATA,
      length: data + 24,
      data,
    }),
    message: (length: number) => ({ type: 22, length: length + 24, data: 0 }),
    alert: { type: ALERT, length: 2 + 24, data: 0 },
  },
};

const few = fc.integer({ min: 1, max: 4 });
const length = fc.oneof(few, fc.integer({ min: 1, max: 2000 }));
const stream = fc.record({
  version: fc.constantFrom("TLSv1.3", "TLSv1.2"),
  /** Session tickets and the like, which come before the data. */
  messages: fc.array(fc.integer({ min: 5, max: 300 }), { maxLength: 3 }),
  data: fc.array(length, { minLength: 1, maxLength: 12 }),
  end: fc.constantFrom("alert", "nothing", "half a record"),
  /** Where the stream is split. */
  cuts: fc.array(fc.nat({ max: 400 }), { maxLength: 20 }),
});

/** Feeds a stream in chunks, as TLS would be, and tells its data. */
function fed(records: readonly Sealed[], rest: Buffer, cuts: number[]) {
  const all = Buffer.concat([...records.map(bytesOf), rest]);
  const seen = new TlsRecords();
  let at = 0;
  let done = 0;
  let whole = 0;
  for (const size of [...cuts, all.length]) {
    if (at === all.length) break;
    const end = Math.min(at + size + 1, all.length);
    seen.received(all.subarray(at, end));
    at = end;
    let data = 0;
    while (done < records.length && whole + 5 + records[done]!.length <= at) {
      whole += 5 + records[done]!.length;
      data += records[done]!.data;
      done += 1;
    }
    if (data > 0) seen.delivered(data);
  }
  return seen;
}

describe("TlsRecords", () => {
  test("TlsRecords tells a cut stream from one that ended, however it is split", () => {
    fc.assert(
      fc.property(stream, ({ version, messages, data, end, cuts }) => {
        const seals = SEALS[version as keyof typeof SEALS];
        const records: Sealed[] = [
          ...messages.map(seals.message),
          ...data.map(seals.data),
        ];
        if (end === "alert") records.push(seals.alert);
        const half = bytesOf(seals.data(10)).subarray(0, 9);
        const rest = end === "half a record" ? half : Buffer.alloc(0);
        const seen = fed(records, rest, cuts);
        expect(seen.truncated(version)).toBe(end !== "alert");
      }),
      { seed: 20261125, numRuns: 3000 },
    );
  });

  test("TlsRecords knows a FIN before any data for a cut, whatever came", () => {
    const { message, alert } = SEALS["TLSv1.3"];
    const none = Buffer.alloc(0);
    expect(fed([message(230)], none, []).truncated("TLSv1.3")).toBe(true);
    expect(fed([message(230), alert], none, []).truncated("TLSv1.3")).toBe(
      false,
    );
  });

  test("TlsRecords takes a padded alert for none of data", () => {
    const { data, message } = SEALS["TLSv1.3"];
    const seen = fed([data(100), message(64)], Buffer.alloc(0), [116]);
    expect(seen.truncated("TLSv1.3")).toBe(false);
  });
});

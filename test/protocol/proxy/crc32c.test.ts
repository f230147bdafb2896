import { expect, test } from "bun:test";

import { crc32c } from "../../../src/protocol/proxy/crc32c.ts";

const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);

test.each([
  ["nothing", new Uint8Array(), 0x00000000],
  ["the check of all CRC catalogues", Buffer.from("123456789"), 0xe3069283],
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 ascending bytes", ascending, 0x46dd794e],
  ["32 descending bytes", ascending.toReversed(), 0x113fdb5c],
])("crc32c() of %s is that of RFC 3720, B.4", (_, bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});

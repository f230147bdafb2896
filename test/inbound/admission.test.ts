import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { Admission, parseBlocks } from "../../src/inbound/admission.ts";
import { formatIp } from "../../src/address/ip.ts";
import { SounderError } from "../../src/errors/errors.ts";

const FIXED = { seed: 20261122, numRuns: 500 };

/** A block, and an address that is often near its edge. */
const blockAndAddress = fc
  .constantFrom(4, 16)
  .chain((length) => {
    const bytes = fc.uint8Array({ minLength: length, maxLength: length });
    return fc.tuple(
      bytes,
      fc.integer({ min: 0, max: length * 8 }),
      fc.option(fc.integer({ min: 0, max: length * 8 - 1 }), {
        nil: undefined,
      }),
      bytes,
    );
  })
  .map(([base, prefix, flip, other]) => {
    const near = Uint8Array.from(base);
    if (flip !== undefined) near[flip >> 3]! ^= 0x80 >> (flip & 7);
    const address = flip === undefined ? other : near;
    return { base: Buffer.from(base), prefix, address: Buffer.from(address) };
  })
  // Its addresses are IPv4's: plainHost() makes them so before they are asked.
  .filter(({ base }) => !formatIp(base).startsWith("::"));

/** Bit by bit, from the definition. */
function contains(base: Buffer, prefix: number, address: Buffer): boolean {
  const bit = (bytes: Buffer, at: number) =>
    (bytes[at >> 3]! >> (7 - (at & 7))) & 1;
  for (let at = 0; at < prefix; at += 1) {
    if (bit(base, at) !== bit(address, at)) return false;
  }
  return true;
}

describe("parseBlocks()", () => {
  test("parseBlocks() holds exactly the addresses of a block", () => {
    fc.assert(
      fc.property(blockAndAddress, ({ base, prefix, address }) => {
        const blocks = parseBlocks([`${formatIp(base)}/${prefix}`]);
        expect(blocks.has(formatIp(address))).toBe(
          contains(base, prefix, address),
        );
      }),
      FIXED,
    );
  });

  test("parseBlocks() takes a single address as one", () => {
    const blocks = parseBlocks(["192.0.2.7", "2001:db8::7"]);
    expect(blocks.has("192.0.2.7")).toBe(true);
    expect(blocks.has("192.0.2.6")).toBe(false);
    expect(blocks.has("2001:db8::7")).toBe(true);
    expect(blocks.has("2001:db8::8")).toBe(false);
  });

  test("parseBlocks() has blocks of one family hold none of the other", () => {
    const v6 = parseBlocks(["::/0"]);
    expect(v6.has("2001:db8::1")).toBe(true);
    expect(v6.has("192.0.2.1")).toBe(false);
    expect(v6.has("::ffff:192.0.2.1")).toBe(false);
    const v4 = parseBlocks(["0.0.0.0/0"]);
    expect(v4.has("2001:db8::1")).toBe(false);
    expect(v4.has("::ffff:192.0.2.1")).toBe(true);
  });

  test("parseBlocks() knows IPv4 that is written as IPv6", () => {
    const blocks = parseBlocks(["::ffff:192.0.2.0/120", "::ffff:10.0.0.1"]);
    expect(blocks.has("192.0.2.255")).toBe(true);
    expect(blocks.has("::ffff:192.0.2.255")).toBe(true);
    expect(blocks.has("192.0.3.0")).toBe(false);
    expect(blocks.has("10.0.0.1")).toBe(true);
    expect(blocks.has("10.0.0.2")).toBe(false);
    expect(parseBlocks(["::ffff:0:0/96"]).has("192.0.2.1")).toBe(true);
  });

  test.each([
    "",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0/8",
    "::/129",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/08x",
    "fe80::1%lo",
    "example.org",
    " 10.0.0.0/8",
  ])("parseBlocks() refuses %j", (block) => {
    expect(() => parseBlocks(["10.0.0.0/8", block])).toThrow(
      new SounderError(
        `"${block}" is not a block of addresses, such as 10.0.0.0/8`,
        "ECIDR",
      ),
    );
  });
});

describe("Admission", () => {
  test("Admission denies first, then lets in only whom it allows", () => {
    const admission = new Admission({
      allow: ["10.0.0.0/8", "2001:db8::/32"],
      deny: ["10.6.6.0/24"],
    });
    expect(admission.denies("10.6.7.1")).toBe(false);
    expect(admission.denies("::ffff:10.6.7.1")).toBe(false);
    expect(admission.denies("10.6.6.1")).toBe(true);
    expect(admission.denies("::ffff:10.6.6.1")).toBe(true);
    expect(admission.denies("11.0.0.1")).toBe(true);
    expect(admission.denies("2001:db8::1")).toBe(false);
    expect(admission.denies("2001:db9::1")).toBe(true);
  });

  test("Admission denies nobody unless it is told to", () => {
    expect(new Admission({}).denies("192.0.2.1")).toBe(false);
    expect(new Admission({}).isAllowed("192.0.2.1")).toBe(true);
  });

  test("Admission asks of who is behind a proxy only whether it is denied", () => {
    const rules = { allow: ["10.0.0.1"], deny: ["192.0.2.0/24"] };
    const admission = new Admission(rules, true);
    expect(admission.isAllowed("::ffff:10.0.0.1")).toBe(true);
    expect(admission.isAllowed("10.0.0.2")).toBe(false);
    expect(admission.denies("198.51.100.1")).toBe(false);
    expect(admission.denies("192.0.2.1")).toBe(true);
  });
});

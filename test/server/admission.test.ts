import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { Admission, parseBlocks } from "../../src/server/admission.ts";
import { formatIp } from "../../src/socket/ip.ts";
import { SounderError } from "../../src/socket/errors.ts";

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
        const list = parseBlocks([`${formatIp(base)}/${prefix}`]);
        const kind = address.length === 4 ? "ipv4" : "ipv6";
        expect(list.check(formatIp(address), kind)).toBe(
          contains(base, prefix, address),
        );
      }),
      FIXED,
    );
  });

  test("parseBlocks() takes a single address as one", () => {
    const list = parseBlocks(["192.0.2.7", "2001:db8::7"]);
    expect(list.check("192.0.2.7")).toBe(true);
    expect(list.check("192.0.2.6")).toBe(false);
    expect(list.check("2001:db8::7", "ipv6")).toBe(true);
    expect(list.check("2001:db8::8", "ipv6")).toBe(false);
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
  /** Two names each of three holders, as sockets tell them. */
  const NAMES = [
    ["192.0.2.1", "::ffff:192.0.2.1"],
    ["192.0.2.2", "::ffff:192.0.2.2"],
    ["2001:db8::1", "2001:db8::ffff:0:0:2"],
  ];

  test("Admission counts by holder, whatever comes and goes when", () => {
    const step = fc.record({
      holder: fc.nat(2),
      name: fc.nat(1),
      leaves: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const most = 3;
        const admission = new Admission({ maxConnectionsPerIp: most });
        const inside: string[][] = [[], [], []];
        for (const { holder, name, leaves } of steps) {
          const here = inside[holder]!;
          if (leaves) {
            if (here.length > 0) admission.leave(here.shift());
            continue;
          }
          const address = NAMES[holder]![name]!;
          const refusal = admission.refusal(address, 0);
          expect(refusal).toBe(
            here.length < most ? undefined : "max-connections-per-ip",
          );
          if (refusal === undefined) here.push(address);
        }
      }),
      FIXED,
    );
  });

  test("Admission counts neighbouring /64s apart", () => {
    const admission = new Admission({ maxConnectionsPerIp: 1 });
    const ask = (address: string) => admission.refusal(address, 0);
    expect(ask("2001:db8:0:1::1")).toBeUndefined();
    expect(ask("2001:db8:0:2::1")).toBeUndefined();
    expect(ask("2001:db8:0:1:ffff::")).toBe("max-connections-per-ip");
  });

  test("Admission denies first, then lets in only whom it allows", () => {
    const admission = new Admission({
      allow: ["10.0.0.0/8", "2001:db8::/32"],
      deny: ["10.6.6.0/24"],
    });
    const ask = (address: string) => admission.refusal(address, 0);
    expect(ask("10.6.7.1")).toBeUndefined();
    expect(ask("::ffff:10.6.7.1")).toBeUndefined();
    expect(ask("10.6.6.1")).toBe("deny");
    expect(ask("::ffff:10.6.6.1")).toBe("deny");
    expect(ask("11.0.0.1")).toBe("deny");
    expect(ask("2001:db8::1")).toBeUndefined();
    expect(ask("2001:db9::1")).toBe("deny");
  });

  test("Admission asks of who is behind a proxy only whether it is denied", () => {
    const rules = { allow: ["10.0.0.1"], deny: ["192.0.2.0/24"] };
    const admission = new Admission(rules, true);
    expect(admission.isAllowed("::ffff:10.0.0.1")).toBe(true);
    expect(admission.isAllowed("10.0.0.2")).toBe(false);
    expect(admission.refusal("198.51.100.1", 0)).toBeUndefined();
    expect(admission.refusal("192.0.2.1", 0)).toBe("deny");
  });

  test("Admission leaves who has no address to a socket's permissions", () => {
    const admission = new Admission({
      maxConnections: 2,
      maxConnectionsPerIp: 1,
      allow: ["10.0.0.1"],
    });
    expect(admission.refusal(undefined, 0)).toBeUndefined();
    expect(admission.refusal(undefined, 1)).toBeUndefined();
    expect(admission.refusal(undefined, 2)).toBe("max-connections");
    admission.leave(undefined);
  });
});

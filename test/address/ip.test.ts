import { describe, expect, test } from "bun:test";
import { isIP } from "node:net";
import * as fc from "fast-check";

import { formatIp, mapped, parseIp } from "../../src/address/ip.ts";

const bytes = (length: number) =>
  fc
    .array(fc.oneof(fc.constant(0), fc.nat({ max: 255 })), {
      minLength: length,
      maxLength: length,
    })
    .map((array) => Buffer.from(array));

describe("parseIp()", () => {
  test.each([
    ["0.0.0.0", "00000000"],
    ["192.0.2.255", "c00002ff"],
    ["::", "0".repeat(32)],
    ["::1", "0".repeat(31) + "1"],
    [
      "2001:DB8::a:0:0:1",
      "20010db8" + "0".repeat(8) + "000a" + "0".repeat(11) + "1",
    ],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["::ffff:192.0.2.1", "0".repeat(20) + "ffffc0000201"],
    ["64:ff9b::192.0.2.1", "0064ff9b" + "0".repeat(16) + "c0000201"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    ["1:2:3:4:5:6:192.0.2.1", "000100020003000400050006c0000201"],
    ["::1:2:3:4:192.0.2.1", "000000000001000200030004c0000201"],
  ])("parseIp() reads %s", (text, hex) => {
    expect(parseIp(text)?.toString("hex")).toBe(hex);
  });

  test.each([
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.256",
    "0x1.2.3.4",
    " 1.2.3.4",
    "1.2.3.4\n",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::12345",
    "::g",
    "::1.2.3",
    "::ffff:01.2.3.4",
    "[::1]",
    "::1]/[::2",
    "::1\t",
    "::1.02.3.4",
    "fe80::1%eth0",
    "fe80::1%a:1.2.3.4",
    "localhost",
  ])("parseIp() refuses %j", (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  test("parseIp() takes nothing for an address that is none", () => {
    const text = fc.string({
      unit: fc.constantFrom(..."0123456789abcdefABCDEF:.%[]/ \t"),
      maxLength: 45,
    });
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (candidate) => {
        if (isIP(candidate) === 0) expect(parseIp(candidate)).toBeUndefined();
      }),
      { seed: 1, numRuns: 5000 },
    );
  });
});

describe("formatIp()", () => {
  test.each([
    ["20010db8000000000000000000000001", "2001:db8::1"],
    ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
    ["20010000000000010000000000000001", "2001:0:0:1::1"],
    ["20010db8000000000001000000000001", "2001:db8::1:0:0:1"],
    ["00000000000000000000000000000000", "::"],
    ["00010000000000000000000000000000", "1::"],
    ["00000000000000000000ffffc0000201", "::ffff:192.0.2.1"],
  ])("formatIp() spells %s as RFC 5952 does", (hex, text) => {
    expect(formatIp(Buffer.from(hex, "hex"))).toBe(text);
  });

  test("formatIp() spells what parseIp() reads again", () => {
    fc.assert(
      fc.property(fc.oneof(bytes(4), bytes(16)), (ip) => {
        const text = formatIp(ip);
        expect(isIP(text)).toBe(ip.length === 4 ? 4 : 6);
        expect(parseIp(text)).toEqual(ip);
      }),
      { seed: 2, numRuns: 2000 },
    );
  });
});

test("mapped() puts an IPv4 address among the IPv6 ones", () => {
  expect(formatIp(mapped(parseIp("192.0.2.1")!))).toBe("::ffff:192.0.2.1");
  expect(formatIp(mapped(parseIp("::1")!))).toBe("::1");
});

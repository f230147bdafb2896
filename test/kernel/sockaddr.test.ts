import { expect, test } from "bun:test";

import { parseIp } from "../../src/address/ip.ts";
import { familyOf, ipAddress, unixAddress } from "../../src/kernel/sockaddr.ts";

test.each([
  ["127.0.0.1", 8080, "0200 1f90 7f000001 0000000000000000"],
  [
    "2001:db8::1",
    21567,
    "0a00 543f 00000000 20010db8000000000000000000000001 00000000",
  ],
])("an IP address is as the kernel has it: %s", (host, port, bytes) => {
  const address = ipAddress(parseIp(host)!, port);
  expect(address.toString("hex")).toBe(bytes.replaceAll(" ", ""));
  expect(familyOf(address)).toBe(address[0]!);
});

test("so is a Unix socket's name, with or without a file", () => {
  expect(unixAddress("/a").toString("hex")).toBe("01002f61");
  expect(unixAddress("\0a").toString("hex")).toBe("01000061");
});

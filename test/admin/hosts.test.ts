import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { hostCheck } from "../../src/admin/hosts.ts";

const isOurs = hostCheck(["Echo-1.example.org", "127.0.0.1"]);

describe("hostCheck()", () => {
  test.each([
    "localhost",
    "localhost:9464",
    "LOCALHOST:80",
    "page.localhost:80",
    "127.0.0.1",
    "127.0.0.1:9464",
    "10.1.2.3:9464",
    "[::1]",
    "[::1]:9464",
    "[2001:db8::7]:80",
    "echo-1.example.org",
    "ECHO-1.example.org:80",
  ])("hostCheck() takes %s", (header) => {
    expect(isOurs(header)).toBe(true);
  });

  test.each([
    null,
    "",
    ":80",
    "evil.example",
    "evil.example:9464",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1:80:80",
    "127.0.0.1:evil.example",
    "127.0.0.1@evil.example",
    "evil.example, localhost",
    "localhost evil.example",
    "localhostevil",
    "evil-localhost",
    "[evil.example]",
    "[127.0.0.1]",
    "[::1",
    "::1",
    "[::1]evil.example",
    "2130706433",
    "0x7f.1",
    "example.org",
    "localhost\nevil.example",
  ])("hostCheck() refuses %p", (header) => {
    expect(isOurs(header)).toBe(false);
  });

  test("hostCheck() takes no public name but those it was told", () => {
    const ports = fc.option(fc.nat({ max: 65_535 }));
    fc.assert(
      fc.property(fc.domain(), ports, (name, port) => {
        const header = port === null ? name : `${name}:${port}`;
        expect(hostCheck([])(header)).toBe(false);
        expect(hostCheck(["other.example", name])(header)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  test("hostCheck() takes any address", () => {
    const hosts = fc.oneof(
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
    );
    fc.assert(
      fc.property(hosts, fc.nat({ max: 65_535 }), (host, port) => {
        expect(hostCheck([])(host)).toBe(true);
        expect(hostCheck([])(`${host}:${port}`)).toBe(true);
      }),
      { seed: 2 },
    );
  });
});

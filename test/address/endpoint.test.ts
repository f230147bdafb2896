import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import {
  DEFAULT_PORT,
  type Endpoint,
  formatEndpoint,
  formatHostPort,
  parseEndpoint,
} from "../../src/address/endpoint.ts";

const tcp = (host: string, port = DEFAULT_PORT): Endpoint => ({
  kind: "tcp",
  host,
  port,
});
const tls = (host: string, port = DEFAULT_PORT): Endpoint => ({
  kind: "tls",
  host,
  port,
});

const LONGEST_PATH = `/${"a".repeat(106)}`;

describe("parseEndpoint()", () => {
  const forms: [string, Endpoint][] = [
    ["localhost:8007", tcp("localhost", 8007)],
    ["echo-1.example_net.org:7", tcp("echo-1.example_net.org", 7)],
    ["127.0.0.1:0", tcp("127.0.0.1", 0)],
    ["127.0.0.1:65535", tcp("127.0.0.1", 65535)],
    ["localhost", tcp("localhost")],
    ["127.0.0.1", tcp("127.0.0.1")],
    [":8007", tcp("", 8007)],
    ["8007", tcp("", 8007)],
    ["00080", tcp("", 80)],
    ["[::1]:80", tcp("::1", 80)],
    ["[::1]", tcp("::1")],
    ["::1", tcp("::1")],
    ["::", tcp("::")],
    ["[2001:db8::7]:7", tcp("2001:db8::7", 7)],
    ["[::ffff:192.0.2.1]:7", tcp("::ffff:192.0.2.1", 7)],
    ["[fe80::1%lo]:7", tcp("fe80::1%lo", 7)],
    ["tcp://localhost:8007", tcp("localhost", 8007)],
    ["tcp://localhost", tcp("localhost")],
    ["tcp://[::1]:80", tcp("::1", 80)],
    ["tcp://:80", tcp("", 80)],
    ["tls://localhost:443", tls("localhost", 443)],
    ["tls://[::1]", tls("::1")],
    ["unix:/run/echo.sock", { kind: "unix", path: "/run/echo.sock" }],
    ["unix:echo.sock", { kind: "unix", path: "echo.sock" }],
    ["TLS://localhost:443", tls("localhost", 443)],
    ["unix:@echo", { kind: "unix", path: "@echo" }],
    ["unix:./@echo", { kind: "unix", path: "./@echo" }],
    [`unix:@${"a".repeat(107)}`, { kind: "unix", path: `@${"a".repeat(107)}` }],
    ["unix:8007", { kind: "unix", path: "8007" }],
    [`unix:${LONGEST_PATH}`, { kind: "unix", path: LONGEST_PATH }],
  ];
  test.each(forms)("parseEndpoint() reads %p", (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });

  const mistakes: [string, string][] = [
    ["", "there is neither host nor port"],
    ["tcp://", "there is neither host nor port"],
    ["localhost:", '"" is not a port from 0 to 65535'],
    [":", '"" is not a port from 0 to 65535'],
    ["[::1]:", '"" is not a port from 0 to 65535'],
    ["localhost:http", '"http" is not a port from 0 to 65535'],
    ["localhost:-1", '"-1" is not a port from 0 to 65535'],
    ["localhost:8e3", '"8e3" is not a port from 0 to 65535'],
    ["localhost:80/path", '"80/path" is not a port from 0 to 65535'],
    ["localhost:65536", '"65536" is not a port from 0 to 65535'],
    ["[::1]:65536", '"65536" is not a port from 0 to 65535'],
    ["65536", '"65536" is not a port from 0 to 65535'],
    ["123456", '"123456" is not a port from 0 to 65535'],
    ["::1:port", "an IPv6 address with a port needs brackets, as [::1]:80"],
    ["1:2:3", "an IPv6 address with a port needs brackets, as [::1]:80"],
    ["[::1", "brackets hold an IPv6 address"],
    ["[::1]80", "brackets hold an IPv6 address"],
    ["[127.0.0.1]:80", "brackets hold an IPv6 address"],
    ["[]:80", "brackets hold an IPv6 address"],
    ["127.0.0.256:80", '"127.0.0.256" is not an IPv4 address'],
    ["local host:80", '"local host" is not a host'],
    ["local\nhost", '"local\nhost" is not a host'],
    ["user@host:80", '"user@host" is not a host'],
    [
      "/run/echo.sock",
      '"/run/echo.sock" is not a host; a Unix socket is unix:/run/echo.sock',
    ],
    [
      "./echo.sock",
      '"./echo.sock" is not a host; a Unix socket is unix:./echo.sock',
    ],
    ["@echo", '"@echo" is not a host; an abstract Unix socket is unix:@echo'],
    ["*:80", '"*" is not a host; every interface is a port alone, as :80'],
    ["192.0.2.1 80", "a colon joins host and port, as 192.0.2.1:80"],
    ["echo.test\t80", "a colon joins host and port, as echo.test:80"],
    ["::1 80", "a colon joins host and port, as [::1]:80"],
    ["tls://[::1] 80", "a colon joins host and port, as tls://[::1]:80"],
    ["tcp:echo.test:80", "a scheme ends with ://, as tcp://echo.test:80"],
    ["fd:3", "a descriptor is for a server to listen on"],
    ["unix:@", "the name behind @ is missing"],
    ["unix:echo\0", "a path has no NUL in it"],
    ["unix:\0echo", "a path has no NUL in it"],
    [`unix:@${"a".repeat(108)}`, "the name behind @ has at most 107 bytes"],
    [`unix:@${"ü".repeat(54)}`, "the name behind @ has at most 107 bytes"],
    ["udp://localhost:http", '"http" is not a port from 0 to 65535'],
    ["http://host", '"http://" is not tcp://, tls:// or unix:'],
    ["://host", '"://" is not tcp://, tls:// or unix:'],
    ["unix:", "the path is missing"],
    [`unix:${LONGEST_PATH}a`, "a socket's path has at most 107 bytes"],
    [`unix:${"ü".repeat(54)}`, "a socket's path has at most 107 bytes"],
  ];
  test.each(mistakes)("parseEndpoint() rejects %p", (text, why) => {
    expect(() => parseEndpoint(text)).toThrow(
      expect.objectContaining({
        name: "SounderError",
        code: "EADDRESS",
        message: `"${text}" is not an address: ${why} (EADDRESS)`,
      }),
    );
  });

  test("parseEndpoint() knows udp://, and has none yet", () => {
    expect(() => parseEndpoint("udp://[::1]:7")).toThrow(
      expect.objectContaining({
        name: "SounderError",
        code: "ENOTSUP",
        summary: `"udp://[::1]:7" can't be used yet: this version has no UDP`,
      }),
    );
  });

  test("parseEndpoint() refuses abstract sockets where there are none", () => {
    const { platform } = process;
    Object.defineProperty(process, "platform", { value: "darwin" });
    try {
      expect(() => parseEndpoint("unix:@echo")).toThrow(
        expect.objectContaining({
          code: "EADDRESS",
          summary:
            '"unix:@echo" is not an address: only Linux has abstract ' +
            "sockets; a file of that name is unix:./@echo",
        }),
      );
      expect(parseEndpoint("unix:./@echo")).toMatchObject({ path: "./@echo" });
    } finally {
      Object.defineProperty(process, "platform", { value: platform });
    }
  });

  test("parseEndpoint() reads anything, or rejects it with EADDRESS", () => {
    const parts = fc.constantFrom(
      ":",
      "[",
      "]",
      "::1",
      "80",
      "tcp://",
      "unix:",
    );
    const texts = fc
      .array(fc.oneof(parts, fc.string({ unit: "binary" })), { maxLength: 6 })
      .map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(parseEndpoint(text).kind).toBeOneOf(["tcp", "tls", "unix"]);
        } catch (error) {
          expect(error).toMatchObject({ code: "EADDRESS" });
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

const isMapped = (host: string) => /^::ffff:[^:]*\./.test(host);
const hosts = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((host) => !isMapped(host)),
  fc.domain(),
);
const endpoints: fc.Arbitrary<Endpoint> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("tcp" as const, "tls" as const),
    host: hosts,
    port: fc.nat({ max: 65535 }),
  }),
  fc.record({
    kind: fc.constant("unix" as const),
    path: fc
      .string({ minLength: 1, maxLength: 107 })
      .filter((path) => Buffer.byteLength(path) <= 107),
  }),
);

describe("formatEndpoint()", () => {
  test("formatEndpoint() prints what parseEndpoint() takes back", () => {
    fc.assert(
      fc.property(endpoints, (endpoint) => {
        expect(parseEndpoint(formatEndpoint(endpoint))).toEqual(endpoint);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });

  test("formatEndpoint() calls the host nobody named localhost", () => {
    expect(formatEndpoint(tcp("", 80))).toBe("localhost:80");
  });

  test("formatEndpoint() tells tls from tcp", () => {
    expect(formatEndpoint(tls("::1", 443))).toBe("tls://[::1]:443");
    expect(formatEndpoint(tcp("::1", 443))).toBe("[::1]:443");
  });
});

describe("formatHostPort()", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1:7"],
    ["::1", "[::1]:7"],
    ["localhost", "localhost:7"],
    ["::ffff:192.0.2.1", "192.0.2.1:7"],
    ["::ffff:c000:201", "[::ffff:c000:201]:7"],
    ["::", "[::]:7"],
  ])("formatHostPort() prints %s as %s", (host, text) => {
    expect(formatHostPort(host, 7)).toBe(text);
  });
});

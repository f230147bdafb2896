import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import type { Endpoint } from "../../../src/address/endpoint.ts";
import { formatIp, parseIp } from "../../../src/address/ip.ts";
import {
  encodeHeader,
  HeaderReader,
} from "../../../src/protocol/proxy/header.ts";
import {
  ownHeader,
  withProxyHeader,
} from "../../../src/socket/dial/send-proxy.ts";
import type { AnyHandlers } from "../../../src/socket/layer.ts";
import { bunHandlers, type WireHandlers } from "../../../src/socket/wire.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { proxiedEcho } from "../../support/proxied-echo.ts";
import { PEER, v2 } from "../../support/proxy-headers.ts";

const VERSIONS = [1, 2] as const;

const FROM = { address: "192.168.0.1", port: 56324 };
const TO = { address: "192.168.0.11", port: 443 };

describe("encodeHeader()", () => {
  test("encodeHeader() makes the specification's example", () => {
    expect(String(encodeHeader(1, FROM, TO))).toBe(
      "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
    );
    expect(encodeHeader(2, FROM, TO)).toEqual(v2(0x21, 0x11, PEER));
  });

  test("encodeHeader() knows IPv6, and two families at once", () => {
    const to = { address: "2001:DB8:0::1", port: 7 };
    expect(String(encodeHeader(1, FROM, to))).toBe(
      "PROXY TCP6 ::ffff:192.168.0.1 2001:db8::1 56324 7\r\n",
    );
    const block =
      "00000000000000000000ffffc0a8000120010db8000000000000000000000001dc040007";
    expect(encodeHeader(2, FROM, to)).toEqual(
      v2(0x21, 0x21, Buffer.from(block, "hex")),
    );
  });

  test.each([
    [undefined, undefined],
    [FROM, undefined],
    [undefined, TO],
  ])("encodeHeader() of %j and %j speaks of none", (from, to) => {
    expect(String(encodeHeader(1, from, to))).toBe("PROXY UNKNOWN\r\n");
    expect(encodeHeader(2, from, to)).toEqual(v2(0x20, 0x00));
  });

  test("encodeHeader() makes what HeaderReader reads, of one segment", () => {
    const port = fc.nat({ max: 65535 });
    const end = (address: fc.Arbitrary<string>) => fc.record({ address, port });
    const v6 = end(fc.ipV6().map((text) => formatIp(parseIp(text)!)));
    const ends = fc.oneof(
      fc.tuple(end(fc.ipV4()), end(fc.ipV4())),
      fc.tuple(v6, v6),
    );
    fc.assert(
      fc.property(fc.constantFrom(...VERSIONS), ends, (version, [from, to]) => {
        const header = encodeHeader(version, from, to);
        expect(header.length).toBeLessThanOrEqual(version === 1 ? 107 : 52);
        expect(new HeaderReader().read(header)).toEqual({
          state: "done",
          source: from,
          used: header.length,
        });
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

/** A client that says hello, and its name. */
async function hello(endpoint: Endpoint, version: 1 | 2): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = "";
  const client: WireHandlers<undefined> = {
    open: (wire) => wire.write(Buffer.from("hello")),
    data(wire, chunk) {
      answer += String(chunk);
      if (answer === "hello") {
        const { localAddress, localPort } = wire;
        resolve(`${localAddress}:${localPort}`);
        wire.end();
      }
    },
    writable() {},
    end() {},
    close: () => reject(new Error(`after "${answer}"`)),
    error: (_, error) => reject(error),
  };
  const socket = bunHandlers(
    withProxyHeader(client, version, ownHeader) as AnyHandlers,
  );
  await (endpoint.kind === "unix"
    ? Bun.connect({ unix: endpoint.path, socket })
    : Bun.connect({ hostname: endpoint.host, port: endpoint.port, socket }));
  return promise;
}

describe.each(VERSIONS)("withProxyHeader() of version %d", (version) => {
  test("it sends the client's own address first", async () => {
    using echo = proxiedEcho();
    const name = await hello(echo.endpoint, version);
    expect(echo.opened).toEqual([name]);
  });

  test("it sends a header over a Unix socket, too", async () => {
    await using folder = await temporaryFolder();
    using echo = proxiedEcho({}, folder.path("echo.sock"));
    await hello(echo.endpoint, version);
    expect(echo.opened).toEqual(["unix peer"]);
    expect(echo.rejected).toEqual([]);
  });
});

import { describe, expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import { Tracer } from "../../src/socket/trace/tracer.ts";
import { echo } from "../support/echo.ts";
import { failed } from "../support/failed.ts";

describe("connect()", () => {
  const mistakes: [address: unknown, options: unknown, told: string][] = [
    [7, {}, "its address is 7; it must be an address"],
    [null, {}, "its address is null; it must be an address"],
    [{ kind: "tcp", host: "a" }, {}, "it must be an address"],
    [{ kind: "fd", fd: 3 }, {}, "it must be an address"],
    ["a", { timeout: 0 }, "timeout is 0; it must be milliseconds, more than 0"],
    ["a", { timeout: NaN }, "timeout is NaN; it must be milliseconds"],
    [
      "a",
      { retryFor: -1 },
      "retryFor is -1; it must be milliseconds, 0 or more",
    ],
    ["a", { sendProxy: "v1" }, 'sendProxy is "v1"; it must be 1 or 2'],
    ["a", { trace: console.log }, "it must be a Tracer of the client's side"],
    ["a", { trace: new Tracer("server", () => {}) }, "it must be a Tracer of"],
    ["a", { timeOut: 5 }, "there is no option timeOut"],
    ["a", null, "its argument is null; it must be an object"],
    [
      "a",
      { tls: { insecure: true } },
      "tls.insecure is given, but a:21567 does",
    ],
    [
      "tls://a",
      { tls: { insecure: "no" } },
      'tls.insecure is "no"; it must be',
    ],
    ["tls://a", { tls: { fingerprint: "8F" } }, "it must be a SHA-256: 64 hex"],
    ["tls://a", { tls: { cert: "x" } }, "tls.cert and tls.key go together"],
    ["tls://a", { tls: { clientCa: "x" } }, "there is no option tls.clientCa"],
  ];
  test.each(mistakes)(
    "connect() refuses %p, %p",
    async (address, options, told) => {
      const connecting = connect(address as string, options as ConnectOptions);
      const { code, message } = await failed(connecting);
      expect(code).toBe("EOPTION");
      expect(message).toStartWith("connect(): ");
      expect(message).toContain(told);
    },
  );

  test("connect() says that it was it that was given what is no address", async () => {
    expect(await failed(connect("a b"))).toEqual({
      code: "EADDRESS",
      message:
        'connect(): "a b" is not an address: "a b" is not a host (EADDRESS)',
    });
  });

  test("connect() refuses what is no PEM, and shows no key", async () => {
    const tls = { ca: "x" };
    expect(await failed(connect("tls://a", { tls }))).toEqual({
      code: "ETLS",
      message:
        "cannot use the option tls.ca of connect(): it is not a certificate in PEM (ETLS)",
    });
    const pair = { cert: "x", key: "secret" };
    const { message } = await failed(connect("tls://a", { tls: pair }));
    expect(message).not.toContain("secret");
  });
});

test("read() rejects while another is pending, which still gets its bytes", async () => {
  await using server = await echo();
  await using connection = await connect(server.address);
  const first = connection.read();
  const second = connection.read();
  expect(await failed(second)).toEqual({
    code: "EBUSY",
    message: `cannot read from ${server.address}: another read() is pending (EBUSY)`,
  });
  await connection.write(Buffer.from("hello"));
  expect(String(await first)).toBe("hello");
});

test("write() refuses what is not bytes", async () => {
  await using server = await echo();
  await using connection = await connect(server.address);
  expect(await failed(connection.write("hello" as never))).toEqual({
    code: "EOPTION",
    message:
      'write(): "hello" is no Uint8Array: Buffer.from(text) makes one (EOPTION)',
  });
});

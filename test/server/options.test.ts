import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { portionOf } from "../../src/cluster/pool.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { startServer } from "../../src/server/server.ts";
import { certificates, noOpenssl } from "../support/certificates.ts";
import { failed } from "../support/failed.ts";
import { serving } from "../support/serving.ts";

const LOCAL = { addresses: ["127.0.0.1:0"] };

async function refusal(options: object): Promise<string> {
  const starting = startServer({ ...LOCAL, ...options } as ServerOptions);
  const { code, message } = await failed(starting);
  const bracketed = ` (${code})`;
  expect(message).toEndWith(bracketed);
  return code + " " + message.slice(0, -bracketed.length);
}

const COUNT = "it must be a whole number from 1 on, or Infinity";
const TIME = "it must be milliseconds, more than 0";
const ADDRESSES =
  "it must be addresses, one at least: strings, or as parseEndpoint() gives them";

describe("startServer()", () => {
  const mistakes: [option: string, value: unknown, told: string][] = [
    ["reply", "rw", `reply is "rw"; it must be "stamp" or "raw" or "info"`],
    ["reply", null, `reply is null; it must be "stamp" or "raw" or "info"`],
    ["maxConnections", 0, `maxConnections is 0; ${COUNT}`],
    ["maxConnections", -1, `maxConnections is -1; ${COUNT}`],
    ["maxConnections", NaN, `maxConnections is NaN; ${COUNT}`],
    ["maxConnections", 1.5, `maxConnections is 1.5; ${COUNT}`],
    ["maxConnections", "5", `maxConnections is "5"; ${COUNT}`],
    ["maxConnectionsPerIp", 0, `maxConnectionsPerIp is 0; ${COUNT}`],
    ["maxPending", -Infinity, `maxPending is -Infinity; ${COUNT}`],
    ["idleTimeout", 0, `idleTimeout is 0; ${TIME}`],
    ["idleTimeout", "10s", `idleTimeout is "10s"; ${TIME}`],
    ["maxLifetime", NaN, `maxLifetime is NaN; ${TIME}`],
    [
      "allow",
      "10.0.0.0/8",
      `allow is "10.0.0.0/8"; it must be an array of strings`,
    ],
    ["deny", [7], "deny is [ 7 ]; it must be an array of strings"],
    ["proxyProtocol", "v1", `proxyProtocol is "v1"; it must be true or false`],
    ["reusePort", 1, "reusePort is 1; it must be true or false"],
    ["onConnect", "x", `onConnect is "x"; it must be a function`],
    ["onError", true, "onError is true; it must be a function"],
    ["trace", {}, "trace is {}; it must be a Tracer of the server's side"],
    ["tls", "cert.pem", `tls is "cert.pem"; it must be an object`],
    ["addresses", [], `addresses is []; ${ADDRESSES}`],
    ["addresses", "21567", `addresses is "21567"; ${ADDRESSES}`],
    ["addresses", [21567], `addresses is [ 21567 ]; ${ADDRESSES}`],
    ["addresses", [{ kind: "tcp", host: "::", port: 65_536 }], ADDRESSES],
    ["addresses", [{ kind: "udp", host: "::", port: 1 }], ADDRESSES],
    ["addresses", [{ kind: "unix", path: "" }], ADDRESSES],
    ["addresses", [{ kind: "fd", fd: -1 }], ADDRESSES],
    ["maxConection", 5, "there is no option maxConection"],
  ];
  test.each(mistakes)(
    "startServer() refuses %s: %p",
    async (name, value, told) => {
      const message = await refusal({ [name]: value });
      expect(message).toStartWith("EOPTION startServer(): ");
      expect(message).toEndWith(told);
    },
  );

  test.each([null, 7, "raw", []])(
    "startServer() refuses %p",
    async (options) => {
      const starting = startServer(options as never);
      const { code, message } = await failed(starting);
      expect(code).toBe("EOPTION");
      expect(message).toContain("startServer(): its argument is");
    },
  );

  test("startServer() names the option whose parts are wrong", async () => {
    expect(await refusal({ addresses: ["a b"] })).toBe(
      'EADDRESS startServer(): addresses: "a b" is not an address: "a b" is ' +
        "not a host",
    );
    expect(await refusal({ addresses: ["udp://:7"] })).toStartWith(
      'ENOTSUP startServer(): addresses: "udp://:7" can\'t be used yet: ',
    );
    for (const [name, block] of [
      ["allow", "nope"],
      ["deny", "10.0.0.0/99"],
    ] as const) {
      expect(await refusal({ [name]: ["::1", block] })).toBe(
        `ECIDR startServer(): ${name}: "${block}" is not a block of ` +
          "addresses, such as 10.0.0.0/8",
      );
    }
  });

  test("startServer() takes limits that are none, and options left out", async () => {
    await using server = await startServer({
      ...LOCAL,
      maxConnections: Infinity,
      maxConnectionsPerIp: undefined,
      maxPending: Infinity,
      idleTimeout: Infinity,
      tls: undefined,
      allow: [],
    });
    expect(server.ready).toBe(true);
  });
});

describe.skipIf(noOpenssl)("startServer() with tls", () => {
  let made: Awaited<ReturnType<typeof certificates>>;
  let cert: string;
  let key: string;
  beforeAll(async () => {
    made = await certificates();
    [cert, key] = (await Promise.all(
      [made.pem("server"), made.key("server")].map((file) =>
        Bun.file(file).text(),
      ),
    )) as [string, string];
  });
  afterAll(() => made[Symbol.asyncDispose]());
  const secure = { addresses: ["tls://127.0.0.1:0"] };
  const cannot = (option: string) =>
    `ETLS cannot use the option tls.${option} of startServer(): it is not `;

  test("startServer() refuses what is no PEM, and shows no key", async () => {
    expect(await refusal({ ...secure, tls: { cert: "x", key: "y" } })).toBe(
      `${cannot("cert")}a certificate in PEM`,
    );
    expect(await refusal({ ...secure, tls: { cert, key: "secret" } })).toBe(
      `${cannot("key")}a private key in PEM`,
    );
    expect(await refusal({ ...secure, tls: { cert, key: 7 } })).toBe(
      "EOPTION startServer(): tls.key can't be used; it must be a string",
    );
    expect(
      await refusal({ ...secure, tls: { cert, key, clientCa: key } }),
    ).toBe(`${cannot("clientCa")}a certificate in PEM`);
    const other = await Bun.file(made.key("client")).text();
    expect(await refusal({ ...secure, tls: { cert, key: other } })).toBe(
      `${cannot("key")}the key of the option tls.cert of startServer()`,
    );
    expect(await refusal({ ...secure, tls: { cert } })).toStartWith(
      cannot("key"),
    );
    expect(await refusal({ ...secure, tls: { cert, key, ca: cert } })).toBe(
      "EOPTION startServer(): there is no option tls.ca",
    );
  });

  test("startServer() refuses tls without an address for it", async () => {
    expect(await refusal({ tls: { cert, key } })).toBe(
      "EOPTION startServer(): tls is given, but no address begins with tls://: " +
        "127.0.0.1:0",
    );
  });

  test("useTls() refuses what TLS can't use, and the old one stays", async () => {
    await using server = await startServer({ ...secure, tls: { cert, key } });
    expect(() => server.useTls({ cert: "x", key })).toThrow(
      "cannot use the option tls.cert of useTls(): it is not a certificate",
    );
    expect(server.tls).toEqual({ cert, key });
  });

  test("useTls() refuses a certificate where there is no use for it", async () => {
    await using server = await serving();
    expect(() => server.useTls({ cert, key })).toThrow(
      "useTls(): tls is given, but no address begins with tls://",
    );
  });
});

test.each([-1, NaN, "10s"])(
  "stop() refuses drainTimeout: %p, and serves on",
  async (value) => {
    await using server = await serving();
    const stopping = server.stop({ drainTimeout: value as never });
    expect((await failed(stopping)).message).toContain(
      "stop(): drainTimeout is ",
    );
    expect(server.ready).toBe(true);
  },
);

test("snapshot() refuses a query that makes no sense", async () => {
  await using server = await serving();
  expect(() => server.snapshot({ search: "", limit: -1 })).toThrow(
    "snapshot(): limit is -1; it must be a whole number from 0 on",
  );
  const sort = { by: "rate" as never, descending: true };
  expect(() => server.snapshot({ search: "", limit: 1, sort })).toThrow(
    'snapshot(): sort.by is "rate"; it must be "peer" or "age" or "received"',
  );
  expect(() => server.snapshot({ search: 1 as never, limit: 1 })).toThrow(
    "snapshot(): search is 1; it must be a string",
  );
});

test("a worker's portion of a limit may be nothing", () => {
  const options = {
    addresses: [],
    log: "off",
    orphaned: {},
    maxConnections: 1,
  };
  expect(portionOf(options, 1, 2).maxConnections).toBe(0);
});

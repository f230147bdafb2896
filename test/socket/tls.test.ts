import { expect, test } from "bun:test";

import { secureServer } from "../../src/socket/tls.ts";
import type { WireHandlers } from "../../src/socket/wire.ts";
import { Caller } from "../support/caller.ts";
import { until } from "../support/until.ts";
import { identity } from "../support/certificates.ts";

const echo: WireHandlers<undefined> = {
  open() {},
  data: (wire, chunk) => void wire.write(chunk),
  drain() {},
  end: (wire) => wire.end(),
  close() {},
  error: (wire) => wire.terminate(),
};

/** A server, what it told of those that it did not let in, and where it is. */
function secured(within?: number) {
  const told: string[][] = [];
  const server = secureServer(echo, () => identity, {
    rejected: (...rejection) => void told.push(rejection as string[]),
    within,
  });
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: server.handlers as unknown as Bun.SocketHandler<undefined>,
    data: undefined,
  });
  const { port } = listener;
  const endpoint = { kind: "tcp", host: "127.0.0.1", port } as const;
  return {
    server,
    told,
    endpoint,
    [Symbol.dispose]: () => listener.stop(true),
  };
}

test("secureServer() tells who left before the handshake was done", async () => {
  using secure = secured();
  const { server, told, endpoint } = secure;
  await using caller = await Caller.dial(endpoint);
  await until(() => server.waiting === 1, "it is accepted");
  // A socket that was reset has no address any more.
  caller.reset();
  await until(() => told.length > 0, "it is told");
  const why = "it ended before the handshake did";
  expect(told).toEqual([["tls-failed", caller.name, why]]);
});

test("secureServer() drops who never finishes its handshake", async () => {
  using secure = secured(500);
  const { told, endpoint } = secure;
  const since = performance.now();
  await using silent = await Caller.dial(endpoint);
  await using slow = await Caller.dial(endpoint);
  slow.send(Buffer.from("160301", "hex"));
  await Promise.all([silent.closed(), slow.closed()]);
  expect(told).toContainEqual(["tls-late", silent.name]);
  expect(told).toContainEqual(["tls-late", slow.name]);
  const took = performance.now() - since;
  expect(took).toBeGreaterThanOrEqual(500);
  expect(took).toBeLessThan(5000);
});

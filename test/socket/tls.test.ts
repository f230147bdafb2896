import { expect, test } from "bun:test";

import { secureServer } from "../../src/socket/tls.ts";
import type { WireHandlers } from "../../src/socket/wire.ts";
import { Caller } from "../support/caller.ts";
import { identity } from "../support/certificates.ts";

const echo: WireHandlers<undefined> = {
  open() {},
  data: (wire, chunk) => void wire.write(chunk),
  drain() {},
  end: (wire) => wire.end(),
  close() {},
  error: (wire) => wire.terminate(),
};

/** Listens with handlers for accepted plain sockets. */
function listening(handlers: WireHandlers<undefined>) {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: handlers as unknown as Bun.SocketHandler<undefined>,
    data: undefined,
  });
  const { port } = listener;
  const endpoint = { kind: "tcp", host: "127.0.0.1", port } as const;
  return { endpoint, [Symbol.dispose]: () => listener.stop(true) };
}

test("secureServer() counts as failed what its identity fails", async () => {
  const rejected = Promise.withResolvers<string>();
  const bad = {
    ...identity,
    cert: `${identity.cert}-----BEGIN CERTIFICATE---`,
  };
  const { handlers } = secureServer(echo, () => bad, {
    rejected: rejected.resolve,
  });
  using listener = listening(handlers);
  await using caller = await Caller.dial(listener.endpoint);
  expect(await rejected.promise).toBe("tls-failed");
  await caller.closed();
});

test("secureServer() drops who never finishes its handshake", async () => {
  const rejected = Promise.withResolvers<string>();
  const { handlers } = secureServer(echo, () => identity, {
    rejected: rejected.resolve,
    within: 500,
  });
  using listener = listening(handlers);
  const { endpoint } = listener;
  const since = performance.now();
  await using silent = await Caller.dial(endpoint);
  await using slow = await Caller.dial(endpoint);
  slow.send(Buffer.from("160301", "hex"));
  expect(await rejected.promise).toBe("tls-late");
  await Promise.all([silent.closed(), slow.closed()]);
  const took = performance.now() - since;
  expect(took).toBeGreaterThanOrEqual(500);
  expect(took).toBeLessThan(5000);
});

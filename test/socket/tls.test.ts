import { expect, test } from "bun:test";

import { secureServer } from "../../src/socket/tls.ts";
import type { Wire, WireHandlers } from "../../src/socket/wire.ts";
import { Caller } from "../support/caller.ts";
import { identity } from "../support/certificates.ts";
import { until } from "../support/until.ts";

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

/** An echo over TLS; `ended` is told when it has ended its side. */
function secureEcho(endWithin: number, ended: (wire: Wire) => void) {
  const closed: boolean[] = [];
  const { handlers } = secureServer(
    {
      ...echo,
      data(wire) {
        wire.end();
        ended(wire);
      },
      close: () => void closed.push(true),
    },
    () => identity,
    { rejected() {}, endWithin },
  );
  return Object.assign(listening(handlers), { closed });
}

/** A TLS client that says hello and reads nothing, so that it ends nothing. */
async function silentClient(port: number): Promise<Bun.Socket> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    allowHalfOpen: true,
    tls: { rejectUnauthorized: false },
    socket: {
      data() {},
      handshake: () => resolve(),
    },
  });
  await promise;
  socket.write("hello");
  socket.pause();
  return socket;
}

test("secureServer() closes what was ended, though the peer does not end", async () => {
  using server = secureEcho(100, () => {});
  const peer = await silentClient(server.endpoint.port);
  await until(() => server.closed.length === 1, "it is closed");
  peer.terminate();
});

test("secureServer() can reset what was ended", async () => {
  using server = secureEcho(3_600_000, (wire) => wire.terminate());
  const peer = await silentClient(server.endpoint.port);
  await until(() => server.closed.length === 1, "it is closed");
  peer.terminate();
});

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

import { expect, test } from "bun:test";

import { connect } from "node:net";

import { codeOf } from "../../../src/errors/errors.ts";
import type { AnyHandlers } from "../../../src/socket/layer.ts";
import {
  secureServer,
  type ServerTls,
} from "../../../src/inbound/layers/tls.ts";
import {
  bunHandlers,
  type Wire,
  type WireHandlers,
} from "../../../src/socket/wire.ts";
import { Caller } from "../../support/caller.ts";
import { identity } from "../../support/certificates.ts";
import { villain } from "../../villains/villain.ts";
import { until } from "../../support/until.ts";

const echo: WireHandlers<undefined> = {
  open() {},
  data: (wire, chunk) => void wire.write(chunk),
  writable() {},
  end: (wire) => wire.end(),
  close() {},
  error: (wire) => wire.terminate(),
};

/** Listens with handlers for accepted plain sockets. */
function listening(handlers: AnyHandlers) {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: bunHandlers(handlers),
    data: undefined,
  });
  const { port } = listener;
  const endpoint = { kind: "tcp", host: "127.0.0.1", port } as const;
  return { endpoint, [Symbol.dispose]: () => listener.stop(true) };
}

/** A server, what it told of those that it did not let in, and where it is. */
function secured({
  within,
  tls = identity,
  release,
}: {
  within?: number;
  tls?: ServerTls;
  /** Is told of each permit that is given back. */
  release?: () => void;
}) {
  const told: string[][] = [];
  const server = secureServer(() => tls, {
    rejected: (...rejection) => void told.push(rejection as string[]),
    within,
  });
  const handlers = server.wrap(echo as AnyHandlers);
  const { open } = handlers;
  if (release !== undefined) handlers.open = (wire) => open(wire, { release });
  return Object.assign(listening(handlers), { server, told });
}

/** An echo over TLS; `ended` is told when it has ended its side. */
function secureEcho(endWithin: number, ended: (wire: Wire) => void) {
  const closed: boolean[] = [];
  const server = secureServer(() => identity, { rejected() {}, endWithin });
  const handlers: WireHandlers<undefined> = {
    ...echo,
    data(wire) {
      wire.end();
      ended(wire);
    },
    close: () => void closed.push(true),
  };
  const outer = server.wrap(handlers as AnyHandlers);
  return Object.assign(listening(outer), { server, closed });
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
  expect(server.server.ending).toBe(0);
  peer.terminate();
});

test("secureServer() can reset what was ended", async () => {
  using server = secureEcho(3_600_000, (wire) => wire.terminate());
  const peer = await silentClient(server.endpoint.port);
  await until(() => server.closed.length === 1, "it is closed");
  expect(server.server.ending).toBe(0);
  peer.terminate();
});

test("secureServer() knows who has ended until they are closed", async () => {
  using server = secureEcho(3_600_000, () => {});
  const peers = [
    await silentClient(server.endpoint.port),
    await silentClient(server.endpoint.port),
  ];
  await until(() => server.server.ending === 2, "both have ended");
  peers[0]!.terminate();
  await until(() => server.server.ending === 1, "one is gone");
  expect(server.closed).toHaveLength(1);
  // None is on its way to the echo: a stop counts none of them, but ends them.
  expect(server.server.waiting).toBe(0);
  expect(server.server.stop()).toBe(0);
  expect(server.closed).toHaveLength(2);
  expect(server.server.ending).toBe(0);
  peers[1]!.terminate();
});

test("stop() resets handshakes under way, counts them and gives their places back", async () => {
  let released = 0;
  using secure = secured({ release: () => (released += 1) });
  const { server, told, endpoint } = secure;
  await using silent = await Caller.dial(endpoint);
  await using begun = await Caller.dial(endpoint);
  begun.send(Buffer.from("160301", "hex"));
  await until(() => server.waiting === 2, "both are accepted");
  expect(server.stop()).toBe(2);
  expect(await Promise.all([silent.closed(), begun.closed()])).toEqual([
    "RST",
    "RST",
  ]);
  expect(released).toBe(2);
  // They are counted as what the stop reset, not as failed handshakes.
  expect(told).toEqual([]);
});

test("hurry() shortens the time of handshakes under way, and of later ones", async () => {
  using secure = secured({ within: 3_600_000 });
  const { server, told, endpoint } = secure;
  await using silent = await Caller.dial(endpoint);
  await until(() => server.waiting === 1, "it is accepted");
  server.hurry(50);
  await silent.closed();
  await using later = await Caller.dial(endpoint);
  await later.closed();
  expect(told).toEqual([
    ["tls-late", silent.name],
    ["tls-late", later.name],
  ]);
});

test("secureServer() takes what is no TLS any more for a reset, not for its own fault", async () => {
  const closed: unknown[] = [];
  let faults = 0;
  const noting: WireHandlers<undefined> = {
    ...echo,
    close: (_, error) => void closed.push(codeOf(error)),
    error: () => void (faults += 1),
  };
  const layer = secureServer(() => identity, { rejected() {} });
  using server = listening(layer.wrap(noting as AnyHandlers));
  let breaks = false;
  await using door = await villain((socket) => {
    const inner = connect(server.endpoint.port, "127.0.0.1");
    inner.on("error", () => {});
    inner.pipe(socket);
    socket.on("data", (chunk: Buffer) => {
      if (breaks) chunk[chunk.length - 1]! ^= 1;
      inner.write(chunk);
    });
  });
  const peer = await silentClient(door.port);
  breaks = true;
  peer.write("hello");
  await until(() => closed.length > 0, "it is closed");
  expect(closed).toEqual(["ECONNRESET"]);
  expect(faults).toBe(0);
  peer.terminate();
});

test("secureServer() counts as failed what its identity fails", async () => {
  const cert = `${identity.cert}-----BEGIN CERTIFICATE---`;
  using secure = secured({ tls: { ...identity, cert } });
  await using caller = await Caller.dial(secure.endpoint);
  caller.send(Buffer.from("160301", "hex"));
  await caller.closed();
  const [reason, peer] = secure.told[0]!;
  expect([reason, peer]).toEqual(["tls-failed", caller.name]);
});

test("secureServer() tells who left before the handshake was done", async () => {
  using secure = secured({});
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
  using secure = secured({ within: 500 });
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

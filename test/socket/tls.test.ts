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

test("secureServer() drops who never finishes its handshake", async () => {
  const rejected = Promise.withResolvers<string>();
  const { handlers } = secureServer(echo, () => identity, {
    rejected: rejected.resolve,
    within: 500,
  });
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: handlers as unknown as Bun.SocketHandler<undefined>,
    data: undefined,
  });
  const { port } = listener;
  const endpoint = { kind: "tcp", host: "127.0.0.1", port } as const;
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

import { expect, test } from "bun:test";

import { check } from "../../src/check/check.ts";
import { meet } from "../../src/check/meet.ts";
import { Path } from "../../src/check/path.ts";
import { DEFAULTS } from "../../src/check/check.ts";
import { startServer } from "../../src/server/server.ts";
import type { Endpoint } from "../../src/address/endpoint.ts";

const pathTo = (target: Endpoint) =>
  new Path(target, {}, DEFAULTS, new AbortController().signal);

test.each(["raw", "stamp"] as const)(
  "a server that answers %s is known by its answer",
  async (reply) => {
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      reply,
    });
    const known = await meet(pathTo(server.addresses[0]!));
    expect(known).toEqual({ reply, cooperates: false });
  },
);

test("what is no echo is told", async () => {
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket) => void socket.write("220 ready\r\n") },
  });
  const target = { kind: "tcp", host: "127.0.0.1", port: server.port } as const;
  await expect(meet(pathTo(target))).rejects.toMatchObject({
    code: "EMISMATCH",
  });
});

test("a path that can't be examined is told by what stands in the way", async () => {
  await expect(check("127.0.0.1:1")).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
  await expect(
    check("127.0.0.1:1", { only: ["nonsense" as never] }),
  ).rejects.toThrow('there is no check "nonsense"');
});

import { expect, test } from "bun:test";

import { check } from "../../src/check/check.ts";
import { meet } from "../../src/check/meet.ts";
import { type Known, Path } from "../../src/check/path.ts";
import { DEFAULTS } from "../../src/check/check.ts";
import { startServer } from "../../src/server/server.ts";
import type { Endpoint } from "../../src/address/endpoint.ts";
import { Program } from "../support/cli.ts";
import { noPython, peer } from "../support/python.ts";

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
    expect(known).toEqual({ reply, cooperates: false, oneAtATime: false });
  },
);

test.skipIf(noPython)(
  "a server that serves one at a time is known, and survives it",
  async () => {
    await using server = new Program(peer("tutorial_server"));
    const port = Number((await server.says(/\d+/))[0]);
    const target = { kind: "tcp", host: "127.0.0.1", port } as const;
    const expected = { reply: "stamp", cooperates: false, oneAtATime: true };
    for (let times = 0; times < 2; times += 1) {
      expect(await meet(pathTo(target))).toEqual(expected as Known);
    }
  },
);

test("a stamp may stand anywhere in what it answers", async () => {
  const stamp = "[Sun Nov  1 09:05:07 2026] ";
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, bytes) {
        const pieces = [bytes.subarray(0, 7), bytes.subarray(7)];
        const text = pieces.map((piece) => `${stamp}${piece}`).join("");
        socket.write(text);
      },
    },
  });
  const target = { kind: "tcp", host: "127.0.0.1", port: server.port } as const;
  expect(await meet(pathTo(target))).toMatchObject({ reply: "stamp" });
});

test("what is no echo is told", async () => {
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket) => void socket.write("220 ready\r\n") },
  });
  const target = { kind: "tcp", host: "127.0.0.1", port: server.port } as const;
  await expect(meet(pathTo(target))).rejects.toMatchObject({
    code: "EMISMATCH",
    message: 'it is no echo server: it answered "220 ready"',
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

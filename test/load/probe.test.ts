import { describe, expect, test } from "bun:test";

import { probe } from "../../src/load/probe.ts";
import { parseEndpoint } from "../../src/socket/endpoint.ts";
import { echo } from "../support/echo.ts";
import { drips } from "../villains/drips.ts";
import { stampsAndForges } from "../villains/stamps-and-forges.ts";
import { babbles, swallows } from "../villains/mutes.ts";
import { resetsAfter, slamsTheDoor } from "../villains/quitters.ts";
import { type Villain, villain } from "../villains/villain.ts";

function ask(address: string, reply: "auto" | "raw" | "stamp" = "auto") {
  return probe(parseEndpoint(address), reply, { connect: 200, answer: 200 });
}

describe("probe() tells what a server answers", () => {
  for (const reply of ["raw", "stamp"] as const) {
    test(reply, async () => {
      await using server = await echo(reply);
      const { address, reply: answer } = await ask(server.address);
      expect(answer).toBe(reply);
      expect(address).toEqual(server.addresses[0]!);
    });
  }

  test("byte by byte", async () => {
    await using raw = await drips();
    expect((await ask(raw.address)).reply).toBe("raw");
  });

  test("in pieces that each have a stamp", async () => {
    await using server = await villain((socket) =>
      socket.on("data", (chunk: Buffer) => {
        const stamp = "[Sun Nov  1 09:05:07 2026] ";
        socket.write(`${stamp}${chunk.subarray(0, 10)}${stamp}`);
        socket.write(chunk.subarray(10));
      }),
    );
    expect((await ask(server.address)).reply).toBe("stamp");
  });
});

test("probe() takes the first address that can be connected to", async () => {
  await using server = await echo("raw", "localhost:0");
  const [bound] = server.addresses;
  if (bound?.kind !== "tcp") throw new Error("not TCP");
  const { address } = await ask(`localhost:${bound.port}`);
  expect(address).toEqual({ ...bound, host: "127.0.0.1" });
});

test("probe() only connects where it is told what the server answers", async () => {
  await using server = await swallows();
  expect((await ask(server.address, "stamp")).reply).toBe("stamp");
});

describe("probe() refuses", () => {
  const others: Record<string, [() => Promise<Villain>, string, string]> = {
    "a server that is silent": [
      swallows,
      "it does not answer; see --reply",
      "ETIMEDOUT",
    ],
    "a server that finishes at once": [
      slamsTheDoor,
      "it finished without an answer",
      "EEARLY",
    ],
    "a server that speaks first": [
      () => babbles("220 hello\r\n"),
      'it answered "220 hello\\r\\n"',
      "EMISMATCH",
    ],
    "a server that would move the cursor": [
      () => babbles(Buffer.from("9b31411b5b41", "hex")),
      'it answered "\\u009b1A\\u001b[A"',
      "EMISMATCH",
    ],
    "a server that speaks as a stamp would": [
      () => babbles(`[${"=".repeat(80)}]`),
      `it answered "[${"=".repeat(39)}"…`,
      "EMISMATCH",
    ],
    "a server that speaks TLS": [
      () => babbles(Buffer.from("15030100020246", "hex")),
      "it speaks TLS, and wants tls://",
      "EMISMATCH",
    ],
    "a server that changes what it echoes": [
      () => stampsAndForges(9, (chunk, index) => chunk.with(index, 0)),
      'it answered "[Sun Nov  1 09:05:07 2026] sounder p\\u0000obe"…',
      "EMISMATCH",
    ],
  };
  for (const [name, [start, why, code]] of Object.entries(others)) {
    test(name, async () => {
      await using server = await start();
      await expect(ask(server.address)).rejects.toMatchObject({
        code,
        message: `${server.address} does not echo: ${why} (${code})`,
      });
    });
  }

  test("a server that resets", async () => {
    await using server = await resetsAfter(1);
    await expect(ask(server.address)).rejects.toMatchObject({
      message: expect.stringContaining(server.address),
    });
  });

  test("a port that nothing listens on", async () => {
    const server = await echo();
    await server.stop();
    await expect(ask(server.address)).rejects.toMatchObject({
      code: "ECONNREFUSED",
      message: expect.stringContaining(`connect to ${server.address}: `),
    });
  });
});

import { describe, expect, test } from "bun:test";

import { probe } from "../../../src/load/probe/probe.ts";
import { DEFAULTS, type LoadOptions } from "../../../src/load/options.ts";
import { parseEndpoint } from "../../../src/address/endpoint.ts";
import { SounderError } from "../../../src/errors/errors.ts";
import { Program } from "../../support/cli.ts";
import { noPython, peer } from "../../support/python.ts";
import { portOf, resolvingTo } from "../../support/names.ts";
import { until } from "../../support/until.ts";
import { echo } from "../../support/echo.ts";
import { delays } from "../../villains/delays.ts";
import { stampsAndForges } from "../../villains/stamps-and-forges.ts";
import { babbles, swallows } from "../../villains/mutes.ts";
import { slamsTheDoor } from "../../villains/quitters.ts";
import { type Villain, villain } from "../../villains/villain.ts";
import { drips, resetsAfter } from "../../villains/faulty.ts";

function ask(
  address: string,
  reply: "auto" | "raw" | "stamp" = "auto",
  options: Partial<LoadOptions> = {},
) {
  return probe({
    ...DEFAULTS,
    target: parseEndpoint(address),
    reply,
    connectTimeout: 200,
    timeout: 200,
    ...options,
  });
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
        const begin = chunk.toString("latin1", 0, 10);
        socket.write(`${stamp}${begin}${stamp}`, "latin1");
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

describe("probe() asks with a message of the run", () => {
  for (const size of [1, 2, 64, 1000, 3 * 1024 * 1024]) {
    test(`which a server that answers messages of ${size} answers`, async () => {
      await using server = await villain((socket) => {
        let held: Buffer[] = [];
        let length = 0;
        socket.on("data", (chunk: Buffer) => {
          held.push(chunk);
          length += chunk.length;
          if (length < size) return;
          socket.write(Buffer.concat(held));
          [held, length] = [[], 0];
        });
        socket.on("end", () => socket.end());
      });
      const options = { size, timeout: 5000 };
      expect((await ask(server.address, "auto", options)).reply).toBe("raw");
    });
  }

  test("which has no more bytes than one of those", async () => {
    await using server = await echoes();
    for (const size of [1, 64, 100]) {
      for (const seed of [1, 2, 3]) {
        const asked = await ask(server.address, "auto", { size, seed });
        expect(asked.reply).toBe("raw");
        const socket = server.sockets.at(-1)!;
        expect(socket.bytesRead).toBe(size);
      }
    }
  });
});

function echoes(): Promise<Villain> {
  return villain((socket) => socket.pipe(socket));
}

/** Answers whole lines, as they are or with another end. */
function answersLines(end = "\n"): Promise<Villain> {
  return villain((socket) => {
    let held = "";
    socket.on("data", (chunk: Buffer) => {
      const lines = (held + chunk.toString("latin1")).split("\n");
      held = lines.pop()!;
      for (const line of lines) socket.write(line + end, "latin1");
    });
    socket.on("end", () => socket.end());
  });
}

describe("probe() of a server that answers lines says so:", () => {
  for (const [name, end] of [
    ["as they are", "\n"],
    ["with another end", "\r\n"],
    ["without their ends", ""],
  ] as const) {
    test(name, async () => {
      await using server = await answersLines(end);
      for (const size of [1, 64, 5000]) {
        const options = { size, timeout: 1000 };
        await expect(
          ask(server.address, "auto", options),
        ).rejects.toMatchObject({
          code: "ELINES",
          summary: expect.stringMatching(
            /^127\.0\.0\.1:\d+ does not echo: it answers only once a line ends, .*--reply raw/,
          ),
        });
      }
    });
  }

  test("one that is slow does not, nor one that then finishes", async () => {
    // As long as is waited for an answer is 200 ms.
    for (const ms of [220, 300, 600]) {
      await using server = await delays(ms);
      const options = { timeout: 1000 };
      expect((await ask(server.address, "auto", options)).reply).toBe("raw");
    }
    await using server = await villain((socket) =>
      socket.once("data", (chunk: Buffer) =>
        setTimeout(() => socket.end(chunk), 220),
      ),
    );
    const options = { timeout: 1000 };
    expect((await ask(server.address, "auto", options)).reply).toBe("raw");
  });
});

describe("probe() of a name with several addresses", () => {
  test("goes on to the next when one is refused", async () => {
    await using server = await echo("raw", "[::1]:0");
    using _names = resolvingTo("127.0.0.1", "127.0.0.2", "::1");
    const { address } = await ask(`many:${portOf(server.address)}`);
    expect(address).toEqual(server.addresses[0]!);
  });

  test.skipIf(noPython)("tries the next beside a silent one", async () => {
    await using full = new Program(peer("full_backlog"));
    const [port] = await full.says(/\d+/);
    await using server = await echo("raw", `[::1]:${port}`);
    using _names = resolvingTo("127.0.0.1", "::1");
    const options = { connectTimeout: 3_600_000 };
    const { address } = await ask(`many:${port}`, "auto", options);
    expect(address).toEqual(server.addresses[0]!);
    // And leaves that one alone.
    full.child.stdin.write("\n");
    await full.child.stdin.flush();
    await full.says(/ECONNRESET|FIN/);
  });
});

test("probe() reads what came while it stood still", async () => {
  await using server = await echo();
  const asking = ask(server.address);
  await until(() => server.tally.bytes.out > 0, "it is asked");
  Bun.sleepSync(500);
  expect((await asking).reply).toBe("raw");
});

describe("probe() refuses", () => {
  const others: Record<
    string,
    [() => Promise<Villain>, string | RegExp, string]
  > = {
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
      /^it answered "\[Sun Nov  1 09:05:07 2026\] .*\\u0000.*"…$/,
      "EMISMATCH",
    ],
  };
  for (const [name, [start, why, code]] of Object.entries(others)) {
    test(name, async () => {
      await using server = await start();
      const failed = await ask(server.address).catch((error) => error);
      expect(failed).toBeInstanceOf(SounderError);
      expect(failed.code).toBe(code);
      const before = `${server.address} does not echo: `;
      expect(failed.summary).toStartWith(before);
      const told = failed.summary.slice(before.length);
      expect(told).toEqual(
        typeof why === "string" ? why : expect.stringMatching(why),
      );
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

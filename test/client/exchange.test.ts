import { describe, expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import {
  exchange,
  type ExchangeOptions,
  type Source,
} from "../../src/client/exchange.ts";
import { Verifier } from "../../src/client/verifier.ts";
import { Program } from "../support/cli.ts";
import { echo } from "../support/echo.ts";
import { failed } from "../support/failed.ts";
import { freePort } from "../support/free-port.ts";
import { peerProgram } from "../support/peer.ts";
import { tracing } from "../support/tracing.ts";
import { until } from "../support/until.ts";
import { delays } from "../villains/delays.ts";
import { addsAtTheEnd, flipsABit } from "../villains/forgers.ts";
import { ignores, swallows } from "../villains/mutes.ts";
import { finishesLater } from "../villains/quitters.ts";
import {
  type Faulty,
  drops,
  repeats,
  resetsAfter,
  finishesAfter,
} from "../villains/faulty.ts";

const MIB = 1024 * 1024;

/** A source of these chunks; it stays open and quiet behind the last. */
function sourceOf(chunks: Uint8Array[], end: "ends" | "stays open"): Source {
  const left = [...chunks];
  return () =>
    left.length === 0 && end === "stays open"
      ? new Promise(() => {})
      : Promise.resolve(left.shift());
}

/** Exchanges 3 MB, or what is given, and gives back what came. */
async function exchanged(
  address: string,
  options: ExchangeOptions & { source?: Source } = {},
): Promise<Buffer> {
  await using connection = await connect(address);
  const chunk = Buffer.alloc(MIB, "0123456789");
  const { source = sourceOf([chunk, chunk, chunk], "ends") } = options;
  const received: Buffer[] = [];
  const sink = (bytes: Buffer) => void received.push(bytes);
  await exchange(connection, source, sink, options);
  return Buffer.concat(received);
}

test("exchange() sends all, then receives to the server's end", async () => {
  await using server = await echo();
  const received = await exchanged(server.address);
  expect(received).toHaveLength(3 * MIB);
  expect(received.subarray(2 * MIB)).toEqual(Buffer.alloc(MIB, "0123456789"));
});

test("exchange() ends at once when there is nothing to send", async () => {
  await using server = await echo();
  const source = sourceOf([], "ends");
  expect(await exchanged(server.address, { source })).toHaveLength(0);
});

test("exchange() is content with more than was sent", async () => {
  await using server = await echo("stamp");
  const source = sourceOf([Buffer.from("hello")], "ends");
  const received = await exchanged(server.address, { source });
  expect(String(received)).toMatch(/^\[.{24}\] hello$/);
});

test("exchange() waits for a sink that is behind", async () => {
  await using server = await echo();
  await using connection = await connect(server.address);
  const chunk = Buffer.alloc(16 * MIB, "abc");
  const room = Promise.withResolvers<void>();
  let taken = 0;
  const source = sourceOf([chunk, chunk], "ends");
  const exchanging = exchange(connection, source, async (bytes) => {
    await room.promise;
    taken += bytes.length;
  });
  // Until every buffer on the way and back is full.
  const seen: number[] = [];
  await until(() => {
    seen.push(connection.bytesSent);
    return seen.length > 50 && seen.at(-50) === connection.bytesSent;
  }, "the source is held back");
  expect(connection.bytesSent).toBeLessThan(2 * chunk.length);
  expect(taken).toBe(0);
  room.resolve();
  await exchanging;
  expect(taken).toBe(2 * chunk.length);
});

test("exchange() delivers what arrived before a reset", async () => {
  await using server = await resetsAfter(5);
  await using connection = await connect(server.address);
  async function* words() {
    yield Buffer.from("hello");
    // What is written now meets the reset.
    await connection.closed;
    yield Buffer.from("again");
  }
  const source = words();
  let taken = "";
  const exchanging = exchange(
    connection,
    async () => (await source.next()).value ?? undefined,
    async (bytes) => {
      await connection.closed;
      await Bun.sleep(0);
      taken += bytes;
    },
  );
  await expect(exchanging).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(taken).toBe("hello");
});

describe("exchange() fails", () => {
  test("when the server finishes before the source", async () => {
    await using server = await finishesAfter(4);
    const source = sourceOf([Buffer.from("hello")], "stays open");
    expect(await failed(exchanged(server.address, { source }))).toEqual({
      code: "EEARLY",
      message:
        `the server at ${server.address} finished before we did, after ` +
        "5 bytes sent and 4 received, then … of silence (EEARLY)",
    });
  });

  test("when the server finishes before anything was said", async () => {
    const open = (socket: Bun.Socket) => void socket.end();
    using server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { open, data() {} },
    });
    const address = `127.0.0.1:${server.port}`;
    const source = sourceOf([], "stays open");
    expect(await failed(exchanged(address, { source }))).toEqual({
      code: "EEARLY",
      message:
        `the server at ${address} finished before we did, with ` +
        "nothing sent or received in … (EEARLY)",
    });
  });

  test("and answers the FIN of a server that finished early with its own", async () => {
    const { tracer, lines } = tracing("client");
    await using server = await finishesAfter(4);
    await using connection = await connect(server.address, { trace: tracer });
    const source = sourceOf([Buffer.from("hello")], "stays open");
    const failing = exchange(connection, source, () => {});
    expect(await failed(failing)).toMatchObject({ code: "EEARLY" });
    // Else it would stay half open: nobody sends our FIN.
    await connection.closed;
    expect(lines.slice(-3)).toEqual([
      expect.stringContaining("(11) finished  FIN ←"),
      expect.stringContaining("(12) finish    FIN →"),
      expect.stringContaining("closed "),
    ]);
  });

  test("when the answer is shorter than what was sent", async () => {
    await using server = await drops(1, 2 * MIB);
    expect(await failed(exchanged(server.address))).toEqual({
      code: "EMISSING",
      message:
        `the server at ${server.address} answered less than it was ` +
        "sent, after 3,145,728 bytes sent and 3,145,727 received, then … of silence" +
        "; our FIN was out by then: the path may not keep half-close " +
        "(EMISSING)",
    });
  });

  test("when the server resets the connection", async () => {
    await using server = await resetsAfter(5);
    const source = sourceOf([Buffer.from("hello")], "stays open");
    expect(await failed(exchanged(server.address, { source }))).toEqual({
      code: "ECONNRESET",
      message:
        `the server at ${server.address} reset the connection after ` +
        "5 bytes sent and 5 received, then … of silence (ECONNRESET)",
    });
  });

  test("when the server is silent for too long", async () => {
    await using server = await swallows();
    const source = sourceOf([Buffer.from("hello")], "ends");
    await expect(
      exchanged(server.address, { source, timeout: 50 }),
    ).rejects.toMatchObject({
      code: "ETIMEDOUT",
      message:
        `nothing came back from ${server.address} for 50.0 ms, after ` +
        "0 of 5 bytes; our FIN was out by then: the path may not keep " +
        "half-close (ETIMEDOUT)",
    });
  });

  test("when the server reads nothing for too long", async () => {
    await using server = await ignores();
    const source = sourceOf([Buffer.alloc(32 * MIB)], "ends");
    await expect(
      exchanged(server.address, { source, timeout: 50 }),
    ).rejects.toMatchObject({ code: "ETIMEDOUT" });
  });

  test("when the source or the sink does, and resets the connection", async () => {
    await using server = await echo();
    const broken = new Error("broken");
    const source = () => Promise.reject(broken);
    await expect(exchanged(server.address, { source })).rejects.toBe(broken);

    await using connection = await connect(server.address);
    const sink = () => Promise.reject(broken);
    await expect(
      exchange(connection, sourceOf([Buffer.from("x")], "stays open"), sink),
    ).rejects.toBe(broken);
    await connection.closed;
  });
});

test("exchange() tells how long it was silent before the end", async () => {
  await using server = await finishesLater(3, 150);
  const source = sourceOf([Buffer.from("hello")], "stays open");
  const message = await exchanged(server.address, { source }).catch(
    (error: Error) => error.message,
  );
  const [, ms] = /5 bytes sent and 3 received, then (\d+) ms/.exec(
    String(message),
  )!;
  expect(Number(ms)).toBeGreaterThan(100);
});

const socat = peerProgram("socat");

test.skipIf(!socat)(
  "exchange() doubts half-close where a proxy closes at our FIN",
  async () => {
    await using server = await delays(2000);
    const port = freePort();
    // It closes both directions a hundredth of a second after either's FIN.
    await using _proxy = new Program([
      socat!,
      "-t0.01",
      `TCP-LISTEN:${port},bind=127.0.0.1,fork`,
      `TCP:${server.address}`,
    ]);
    const address = `127.0.0.1:${port}`;
    await using connection = await connect(address, { retryFor: 10_000 });
    const source = sourceOf([Buffer.from("hello")], "ends");
    await expect(exchange(connection, source, () => {})).rejects.toThrow(
      /^the server at \S+ answered less than it was sent, after 5 bytes sent and 0 received, .*; our FIN was out by then: the path may not keep half-close \(EMISSING\)$/,
    );
  },
);

describe("exchange() with a verifier", () => {
  const AT = 1_234_567;
  const tells = (villain: (at: number) => Promise<Faulty>, told: string) =>
    test(`finds out one that ${villain.name}`, async () => {
      await using server = await villain(AT);
      const chunk = Buffer.from("0123456789".repeat(200_000));
      const verifying = exchanged(server.address, {
        source: sourceOf([chunk], "ends"),
        verifier: new Verifier("peer:1"),
      });
      await expect(verifying).rejects.toThrow(
        `the first difference is at offset ${told} (EMISMATCH)`,
      );
    });

  tells(flipsABit, `${AT}: sent 0x37, got 0x36`);
  tells((at) => drops(1, at), `${AT}: sent 0x37, got 0x38`);
  tells((at) => repeats(1, at), `${AT + 1}: sent 0x38, got 0x37`);

  test("finds out what comes after the end", async () => {
    await using server = await addsAtTheEnd("!");
    const verifier = new Verifier("peer:1");
    await expect(exchanged(server.address, { verifier })).rejects.toMatchObject(
      { code: "ESURPLUS" },
    );
    expect(verifier.verified).toBe(3 * MIB);
  });

  test("counts what was right", async () => {
    await using server = await echo();
    const verifier = new Verifier("peer:1");
    await exchanged(server.address, { verifier });
    expect(verifier.verified).toBe(3 * MIB);
  });
});

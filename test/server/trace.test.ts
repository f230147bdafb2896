import { describe, expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { startServer } from "../../src/server/server.ts";
import { type Endpoint, formatEndpoint } from "../../src/address/endpoint.ts";
import { Caller } from "../support/caller.ts";
import { temporaryFolder } from "../support/folder.ts";
import { tracing } from "../support/tracing.ts";
import { until } from "../support/until.ts";

/** A line's step and verb. */
function stepOf(line: string): string {
  return / ms +((?:\(\d+\) )?\w+)/.exec(line)![1]!;
}

describe("startServer() with a tracer", () => {
  test("startServer() and connect() tell the twelve steps, each its own", async () => {
    const server = tracing("server");
    const client = tracing("client");
    await using echo = await startServer({
      addresses: ["127.0.0.1:0"],
      reply: "raw",
      trace: server.tracer,
    });
    const connection = await connect(formatEndpoint(echo.addresses[0]!), {
      trace: client.tracer,
    });
    await connection.write(Buffer.from("hello"));
    await connection.read();
    connection.finish();
    await connection.closed;
    expect(server.lines.map(stepOf)).toEqual([
      "(1) socket",
      "(2) bind",
      "(3) listen",
      "(6) request",
      "(8) accept",
      "(10) read",
      "(9) write",
      "(11) finished",
      "(12) finish",
      "closed",
    ]);
    expect(client.lines.map(stepOf)).toEqual([
      "(4) socket",
      "(5) connect",
      "(7) connected",
      "(9) write",
      "(10) read",
      "(11) finish",
      "(12) finished",
      "closed",
    ]);
  });

  test("startServer() tells both ends of each step, and how much", async () => {
    const { tracer, lines } = tracing("server");
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      trace: tracer,
    });
    const here = formatEndpoint(server.addresses[0]!);
    await using caller = await Caller.dial(server.addresses[0]!);
    caller.send("hello");
    await caller.receive(32);
    caller.finish();
    await caller.closed();
    const there = caller.name;
    expect(lines).toEqual([
      "   +0.000 ms   (1) socket    tcp",
      `   +0.000 ms   (2) bind      ${here}`,
      `   +0.000 ms   (3) listen    ${here}`,
      `   +0.000 ms   (6) request   ${there} → ${here}`,
      `   +0.000 ms   (8) accept    ${there} → ${here}`,
      `   +0.000 ms  (10) read      5 bytes ← ${there}`,
      `   +0.000 ms   (9) write     32 bytes → ${there}`,
      `   +0.000 ms  (11) finished  FIN ← ${there}`,
      `   +0.000 ms  (12) finish    FIN → ${there}`,
      `   +0.000 ms       closed    ${there}`,
    ]);
  });

  test("startServer() tells a Unix socket's peers, which have no names", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("echo.sock");
    const { tracer, lines } = tracing("server");
    await using server = await startServer({
      addresses: [`unix:${path}`],
      trace: tracer,
    });
    await using caller = await Caller.dial(server.addresses[0]!);
    caller.finish();
    await caller.closed();
    expect(lines).toEqual([
      "   +0.000 ms   (1) socket    unix",
      `   +0.000 ms   (2) bind      unix:${path}`,
      `   +0.000 ms   (3) listen    unix:${path}`,
      "   +0.000 ms   (6) request   unix peer → unix socket",
      "   +0.000 ms   (8) accept    unix peer → unix socket",
      "   +0.000 ms  (11) finished  FIN ← unix peer",
      "   +0.000 ms  (12) finish    FIN → unix peer",
      "   +0.000 ms       closed    unix peer",
    ]);
  });

  test("startServer() tells a reset of its own, and no FIN of its peer", async () => {
    const { tracer, lines } = tracing("server");
    const server = await startServer({
      addresses: ["127.0.0.1:0"],
      trace: tracer,
    });
    await using caller = await Caller.dial(server.addresses[0]!);
    caller.send("hello");
    await caller.receive(32);
    expect(await server.stop({ drainTimeout: 0 })).toBe(1);
    expect(lines.slice(-2).map(stepOf)).toEqual(["reset", "closed"]);
    await caller.closed();
  });

  /** A server's trace of what `use` does there, from the first request on. */
  async function told(
    options: ServerOptions,
    use: (to: Endpoint) => Promise<void>,
  ): Promise<string[]> {
    const { tracer, lines } = tracing("server");
    await using server = await startServer({
      reply: "raw",
      ...options,
      trace: tracer,
    });
    await use(server.addresses[0]!);
    const closed = () => lines.some((line) => line.includes("closed"));
    await until(closed, "it is closed");
    return lines.slice(3).map(stepOf);
  }
  const secure = { addresses: ["tls://127.0.0.1:0"] };
  const tls = { insecure: true };

  test("startServer() and connect() tell TLS after the accept, not before", async () => {
    const client = tracing("client");
    const server = await told(secure, async (to) => {
      const connection = await connect(to, { tls, trace: client.tracer });
      await connection.write(Buffer.from("hello"));
      await connection.read();
      connection.finish();
      await connection.closed;
    });
    expect(server).toEqual([
      "(6) request",
      "(8) accept",
      "tls",
      "(10) read",
      "(9) write",
      "(11) finished",
      "(12) finish",
      "closed",
    ]);
    expect(client.lines.map(stepOf)).toEqual([
      "(4) socket",
      "(5) connect",
      "(7) connected",
      "tls",
      "(9) write",
      "(10) read",
      "(11) finish",
      "(12) finished",
      "closed",
    ]);
  });

  test("startServer() and connect() tell a handshake that failed", async () => {
    const client = tracing("client");
    const server = await told(secure, async (to) => {
      const connecting = connect(to, { trace: client.tracer });
      await expect(connecting).rejects.toBeDefined();
    });
    // The server's part may be done before the client's verdict.
    expect(server.slice(0, 2)).toEqual(["(6) request", "(8) accept"]);
    expect(["rejected", "reset"]).toContain(server.at(-2)!);
    expect(server.at(-1)).toBe("closed");
    expect(client.lines.map(stepOf)).toEqual([
      "(4) socket",
      "(5) connect",
      "(7) connected",
      "rejected",
      "reset",
      "closed",
      "failed",
    ]);
    const plain = await told(secure, async (to) => {
      await using caller = await Caller.dial(to);
      caller.send("GET / HTTP/1.1\r\n\r\n");
      await caller.closed();
    });
    expect(plain).toEqual([
      "(6) request",
      "(8) accept",
      "rejected",
      "reset",
      "closed",
    ]);
  });

  test("startServer() tells who is turned away, and why", async () => {
    const { tracer, lines } = tracing("server");
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      deny: ["127.0.0.1"],
      trace: tracer,
    });
    await using caller = await Caller.dial(server.addresses[0]!);
    await caller.closed();
    expect(lines.slice(5)).toEqual([
      `   +0.000 ms       rejected  ${caller.name}: deny`,
      `   +0.000 ms       reset     RST → ${caller.name}`,
      `   +0.000 ms       closed    ${caller.name}`,
    ]);
  });

  test("startServer() tells its reset of who sends no PROXY header", async () => {
    const proxied = { addresses: ["127.0.0.1:0"], proxyProtocol: true };
    const steps = await told(proxied, async (to) => {
      await using caller = await Caller.dial(to);
      caller.send("GET / HTTP/1.1\r\n\r\n");
      expect(await caller.closed()).toBe("RST");
    });
    expect(steps.slice(2)).toEqual(["rejected", "reset", "closed"]);
  });

  test("startServer() tells the header that a connection begins with", async () => {
    const proxied = { addresses: ["127.0.0.1:0"], proxyProtocol: true };
    const steps = await told(proxied, async (to) => {
      const connection = await connect(to, { sendProxy: 1 });
      connection.finish();
      await connection.closed;
    });
    expect(steps).toEqual([
      "(6) request",
      "(8) accept",
      "header",
      "(11) finished",
      "(12) finish",
      "closed",
    ]);
  });

  test.each(["127.0.0.1:0", "tls://127.0.0.1:0"])(
    "startServer() on %s takes step 11 where it finishes first",
    async (address) => {
      const { tracer, lines } = tracing("server");
      const server = await startServer({
        addresses: [address],
        reply: "raw",
        trace: tracer,
      });
      const connection = await connect(server.addresses[0]!, {
        tls: address.startsWith("tls") ? tls : undefined,
      });
      await connection.write(Buffer.from("hello"));
      await connection.read();
      const stopping = server.stop();
      expect(await connection.read()).toBeUndefined();
      connection.finish();
      await connection.closed;
      expect(await stopping).toBe(0);
      expect(lines.slice(-3).map(stepOf)).toEqual([
        "(11) finish",
        "(12) finished",
        "closed",
      ]);
    },
  );

  test.each(["127.0.0.1:0", "tls://127.0.0.1:0"])(
    "startServer() on %s tells both FINs where it ends who is idle",
    async (address) => {
      const steps = await told(
        { addresses: [address], idleTimeout: 50 },
        async (to) => {
          const options = { tls: address.startsWith("tls") ? tls : undefined };
          await using connection = await connect(to, options);
          expect(await connection.read()).toBeUndefined();
        },
      );
      expect(steps.filter((step) => step !== "tls")).toEqual([
        "(6) request",
        "(8) accept",
        "(11) finish",
        "(12) finished",
        "closed",
      ]);
    },
  );

  test("startServer() tells a peer's reset", async () => {
    const steps = await told({ addresses: ["127.0.0.1:0"] }, async (to) => {
      await using caller = await Caller.dial(to);
      caller.send("hello");
      await caller.receive(5);
      caller.reset();
    });
    expect(steps.slice(-2)).toEqual(["reset", "closed"]);
  });
});

import { describe, expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import { startServer } from "../../src/server/server.ts";
import { formatEndpoint } from "../../src/socket/endpoint.ts";
import { Caller } from "../support/caller.ts";
import { temporaryFolder } from "../support/folder.ts";
import { tracing } from "../support/tracing.ts";

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
});

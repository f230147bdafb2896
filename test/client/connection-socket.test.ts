import { expect, test } from "bun:test";

import { connect } from "../../src/client/connect.ts";
import { echo } from "../support/echo.ts";
import { expectReset } from "../support/reset.ts";
import { until } from "../support/until.ts";
import { babbles, ignores } from "../villains/mutes.ts";
import { resetsAfter } from "../villains/faulty.ts";

const MIB = 1024 * 1024;

test("a connection is iterated chunk by chunk to the server's end", async () => {
  await using server = await echo();
  await using connection = await connect(server.address);
  await connection.write(Buffer.from("hello "));
  await connection.write(Buffer.from("world"));
  connection.finish();
  let text = "";
  for await (const chunk of connection) text += chunk;
  expect(text).toBe("hello world");
  await connection.closed;
});

test("write() waits for a server that reads nothing", async () => {
  await using server = await ignores();
  await using connection = await connect(server.address);
  const bytes = Buffer.alloc(32 * MIB, "abc");
  const writing = connection.write(bytes);
  expect(Bun.peek.status(writing)).toBe("pending");
  expect(connection.bytesSent).toBeLessThan(bytes.length);

  await until(() => server.sockets.length > 0, "it is accepted");
  server.sockets[0]!.resume();
  const echoed = new Bun.CryptoHasher("sha1");
  const reading = (async () => {
    for await (const chunk of connection) echoed.update(chunk);
  })();
  await writing;
  expect(connection.bytesSent).toBe(bytes.length);
  connection.finish();
  await reading;
  expect(echoed.digest("hex")).toBe(Bun.SHA1.hash(bytes, "hex"));
});

test("a slow reader holds the server back, and loses nothing at the end", async () => {
  const bytes = Buffer.alloc(32 * MIB, "abc");
  await using server = await babbles(bytes);
  await using connection = await connect(server.address);
  connection.finish();
  let read = 0;
  let most = 0;
  const received = new Bun.CryptoHasher("sha1");
  for await (const chunk of connection) {
    received.update(chunk);
    read += chunk.length;
    // The socket has many turns of the event loop for each chunk that is read.
    for (let turn = 0; turn < 20; turn += 1) await Bun.sleep(0);
    most = Math.max(most, connection.bytesReceived - read);
  }
  expect(received.digest("hex")).toBe(Bun.SHA1.hash(bytes, "hex"));
  expect(most).toBeLessThan(1.5 * MIB);
});

test("read() gives what arrived before a reset, then the reset", async () => {
  await using server = await resetsAfter(5);
  await using connection = await connect(server.address);
  await connection.write(Buffer.from("hello"));
  await connection.closed;
  expect(String(await connection.read())).toBe("hello");
  await expect(connection.read()).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("a reset reaches a reader who is far behind", async () => {
  await using server = await babbles(Buffer.alloc(16 * MIB));
  await using connection = await connect(server.address);
  // The socket is paused then.
  await until(() => connection.bytesReceived >= MIB, "much has arrived");
  server.sockets[0]!.resetAndDestroy();
  await connection.closed;
  let read = 0;
  while (read < connection.bytesReceived) {
    read += (await connection.read())!.length;
  }
  await expect(connection.read()).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("a write that meets the server's reset is told as a reset", async () => {
  let accepted: Bun.Socket | undefined;
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: (socket) => void (accepted = socket), data() {} },
  });
  await using connection = await connect(`127.0.0.1:${listener.port}`);
  await until(() => accepted !== undefined, "it is accepted");
  const reading = connection.read();
  accepted!.terminate();
  // The RST is here, and no event has told it yet.
  const writing = connection.write(Buffer.alloc(MIB));
  await expectReset(reading, writing);
});

test("a connection that leaves its scope is reset", async () => {
  await using server = await echo();
  {
    await using connection = await connect(server.address);
    await connection.write(Buffer.from("hello"));
    await connection.read();
  }
  await until(() => server.tally.closed.RST === 1, "the server sees a reset");
});

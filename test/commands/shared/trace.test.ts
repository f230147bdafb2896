import { expect, test } from "bun:test";

import { Program, redirected, sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { listening } from "../../support/listening.ts";
import { ignores } from "../../villains/mutes.ts";

const TIME = /^ *\+\d+\.\d{3} ms {2}/;

/**
 * The trace's lines without their times, and with `PORT` for our own port; and
 * without those that tell of waiting, which are a matter of time.
 */
function steps(said: string, port = "our port"): string[] {
  const lines = said.split("\n").filter((line) => TIME.test(line));
  return lines
    .map((line) => line.replace(TIME, "").replaceAll(port, "PORT"))
    .filter((line) => !line.startsWith("     waiting "));
}

/** A client that says hello to `address`, and its trace. */
async function traced(address: string): Promise<Program> {
  const client = new Program(sounder("client", address, "--trace"));
  client.child.stdin.write("hello");
  await client.child.stdin.end();
  expect(await client.child.stdout.text()).toBe("hello");
  expect(await client.ended()).toBe(0);
  return client;
}

test("client --trace tells its steps, with their numbers and our address", async () => {
  await using server = await echo();
  const { address } = server;
  await using client = await traced(address);
  const [, port] = /connect +127\.0\.0\.1:(\d+) →/.exec(client.said)!;
  const told = steps(client.said, port);
  expect(told.slice(0, 4)).toEqual([
    " (4) socket    tcp",
    ` (5) connect   127.0.0.1:PORT → ${address}`,
    ` (7) connected ${address}`,
    ` (9) write     5 bytes → ${address}`,
  ]);
  // The answer and our FIN may cross.
  expect(told.slice(4, 6).toSorted()).toEqual([
    `(10) read      5 bytes ← ${address}`,
    `(11) finish    FIN → ${address}`,
  ]);
  expect(told.slice(6)).toEqual([
    `(12) finished  FIN ← ${address}`,
    `     closed    ${address}`,
  ]);
});

test("server --trace tells its steps, with their numbers", async () => {
  await using server = await listening("--reply", "raw", "--trace");
  const { address } = server;
  await using client = await traced(address);
  const [, port] = /connect +127\.0\.0\.1:(\d+) →/.exec(client.said)!;
  await server.says(/closed {4}/);
  expect(steps(server.said, port)).toEqual([
    " (1) socket    tcp",
    ` (2) bind      ${address}`,
    ` (3) listen    ${address}`,
    ` (6) request   127.0.0.1:PORT → ${address}`,
    ` (8) accept    127.0.0.1:PORT → ${address}`,
    "(10) read      5 bytes ← 127.0.0.1:PORT",
    " (9) write     5 bytes → 127.0.0.1:PORT",
    "(11) finished  FIN ← 127.0.0.1:PORT",
    "(12) finish    FIN → 127.0.0.1:PORT",
    "     closed    127.0.0.1:PORT",
  ]);
});

test("--trace tells a Unix socket's steps on both sides", async () => {
  await using folder = await temporaryFolder();
  const address = `unix:${folder.path("echo.sock")}`;
  await using server = new Program(
    sounder("server", address, "--reply", "raw", "--trace"),
  );
  await server.says(/Listening on/);
  await using client = await traced(address);
  expect(steps(client.said).slice(0, 3)).toEqual([
    " (4) socket    unix",
    ` (5) connect   → ${address}`,
    " (7) connected unix peer",
  ]);
  await server.says(/closed {4}/);
  expect(steps(server.said).slice(0, 5)).toEqual([
    " (1) socket    unix",
    ` (2) bind      ${address}`,
    ` (3) listen    ${address}`,
    " (6) request   unix peer → unix socket",
    " (8) accept    unix peer → unix socket",
  ]);
});

test("client --trace tells a refusal", async () => {
  const gone = await echo();
  await gone.stop();
  await using client = new Program(sounder("client", gone.address, "--trace"));
  expect(await client.ended()).toBe(1);
  expect(steps(client.said)).toEqual([
    " (4) socket    tcp",
    ` (5) connect   → ${gone.address}`,
    "     failed    nothing listens there, or no route leads there (ECONNREFUSED)",
  ]);
});

test("client --trace tells short writes, and the reset that ends it", async () => {
  await using server = await ignores();
  await using client = new Program(
    redirected("< /dev/zero", sounder("client", server.address, "--trace")),
  );
  await client.says(/write +[\d,]+ of [\d,]+ bytes →/);
  server.sockets[0]!.resetAndDestroy();
  // A write may meet the reset before the close tells it.
  await client.says(/\(ECONNRESET\)|\(the connection is gone\)/);
  expect(await client.ended()).toBe(1);
});

test("server --trace tells that it pauses and goes on", async () => {
  await using server = await listening("--reply", "raw", "--trace");
  const { address } = server;
  const reader = Promise.withResolvers<Bun.Socket>();
  const zeros = Buffer.alloc(16 * 1024 * 1024);
  let sent = 0;
  const write = (socket: Bun.Socket) => {
    sent += Math.max(socket.write(zeros.subarray(sent)), 0);
  };
  const [hostname, port] = address.split(":");
  using socket = await Bun.connect({
    hostname: hostname!,
    port: Number(port),
    socket: {
      open(opened) {
        opened.pause();
        reader.resolve(opened);
        write(opened);
      },
      drain: write,
      data() {},
    },
  });
  await server.says(/pause +127\.0\.0\.1:\d+: nothing is read/);
  socket.resume();
  await server.says(/resume +127\.0\.0\.1:\d+: reading again/);
});

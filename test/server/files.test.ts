import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";

import { peerProgram } from "../support/peer.ts";
import { listening } from "../support/listening.ts";
import { Program, run, sounder } from "../support/cli.ts";
import { connect } from "../../src/client/connect.ts";
import { expectEcho } from "../support/expect-echo.ts";
import { freePort } from "../support/free-port.ts";
import { cpuOf, descriptorsOf } from "../support/process.ts";

const prlimit = peerProgram("prlimit");
const activate = peerProgram("systemd-socket-activate");

function openFileLimit(pid: number): number {
  const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
  return Number(/^Max open files\s+(\d+)/m.exec(limits)![1]);
}

async function limit(pid: number, files: number): Promise<void> {
  const set = `--nofile=${files}:`;
  const { status } = await run([prlimit!, `--pid=${pid}`, set]);
  expect(status).toBe(0);
}

/** Connects, and is closed before there is an answer. */
async function turnedAway(address: string): Promise<void> {
  const exchange = async () => {
    await using connection = await connect(address);
    await expectEcho(connection, "hello");
  };
  await expect(exchange()).rejects.toMatchObject({ code: "ECONNRESET" });
}

describe("without a file left", () => {
  test.skipIf(prlimit === undefined)(
    "a server does not spin, answers its admin, and serves again",
    async () => {
      await using server = await listening(
        "--reply=raw",
        "--admin=127.0.0.1:0",
      );
      const [, admin] = await server.says(/admin pages at (\S+)\//);
      const { pid } = server.child;
      const before = openFileLimit(pid);
      await using inside = await connect(server.address);
      await expectEcho(inside, "hello");

      // As if others had taken all but those that it has.
      await limit(pid, descriptorsOf(pid).length);
      await server.says(/no file descriptors left/);
      const spent = cpuOf(pid);
      for (let round = 0; round < 10; round += 1) {
        const refused = connect(server.address);
        expect(refused).rejects.toMatchObject({ code: "ECONNREFUSED" });
        await refused.catch(() => {});
        const probe = () => fetch(`${admin}/healthz`);
        const answers = await Promise.all([probe(), probe(), probe()]);
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
        await Bun.sleep(200);
      }
      expect(cpuOf(pid) - spent).toBeLessThan(0.8);
      expect(server.said).not.toContain("accepting again");
      await expectEcho(inside, "still here");

      await limit(pid, before);
      await server.says(/accepting again/);
      await using outside = await connect(server.address);
      await expectEcho(outside, "hello");
      await expectEcho(inside, "hello");
    },
    30_000,
  );

  test.skipIf(prlimit === undefined || activate === undefined)(
    "a server of systemd's socket turns everybody away, and does not spin",
    async () => {
      const port = freePort();
      const address = `127.0.0.1:${port}`;
      const flags = ["--reply=raw", "--admin=127.0.0.1:0"];
      await using server = new Program([
        activate!,
        `--listen=${address}`,
        ...sounder("server", ...flags),
      ]);
      await server.says(/Listening on/);
      await using inside = await connect(address);
      await expectEcho(inside, "hello");
      const [, admin] = await server.says(/admin pages at (\S+)\//);
      const readiness = async () => (await fetch(`${admin}/readyz`)).status;
      const { pid } = server.child;
      const before = openFileLimit(pid);

      await limit(pid, descriptorsOf(pid).length);
      await server.says(/no file descriptors left/);
      const spent = cpuOf(pid);
      for (let round = 0; round < 10; round += 1) {
        await Promise.all(
          Array.from({ length: 20 }, () => turnedAway(address)),
        );
        expect(await readiness()).toBe(503);
        await Bun.sleep(200);
      }
      expect(cpuOf(pid) - spent).toBeLessThan(0.8);
      await expectEcho(inside, "still here");
      await server.says(/\d+ connections not let in: no-files/);

      await limit(pid, before);
      await server.says(/accepting again/);
      await using outside = await connect(address);
      await expectEcho(outside, "hello");
      expect(await readiness()).toBe(200);
    },
    30_000,
  );

  test.skipIf(prlimit === undefined)(
    "a server has files for all of its peers, however many come to its admin",
    async () => {
      const flags = ["--reply=raw", "--admin=127.0.0.1:0"];
      const command = sounder("server", "127.0.0.1:0", ...flags);
      await using server = new Program([prlimit!, "--nofile=120", ...command]);
      const [, address] = await server.says(/Listening on (\S+);/);
      const [, admin] = await server.says(/admin pages at (http\S+)\//);
      await using stack = new AsyncDisposableStack();
      const strangers = new URL(admin!).host;
      for (let each = 0; each < 300; each += 1) {
        stack.use(await connect(strangers));
      }
      for (let each = 0; each < 120 - 64; each += 1) {
        await expectEcho(stack.use(await connect(address!)), "hello");
      }
      const { pid } = server.child;
      const spent = cpuOf(pid);
      // As long as it takes it to find out that files have run out.
      await Bun.sleep(1200);
      expect(cpuOf(pid) - spent).toBeLessThan(0.3);
      const ready = await fetch(`${admin}/readyz`);
      expect([ready.status, await ready.text()]).toEqual([200, "ready\n"]);
      expect(descriptorsOf(pid).length).toBeLessThan(120);
      expect(server.said).not.toContain("no file");
    },
    30_000,
  );

  test.skipIf(prlimit === undefined).each([
    [["server", "--workers=1"], "this process", 36],
    [["server", "--workers=2"], "each of 2 workers", 72],
    [["proxy", "127.0.0.1:0", "127.0.0.1:7"], "this process", 18],
  ] as const)(
    "%j says at its start what it has files for, and what not",
    async ([command, ...args], who, most) => {
      const place = command === "server" ? ["127.0.0.1:0"] : [];
      for (const wanted of [most, most + 1]) {
        const flags = ["--max-connections", String(wanted)];
        const all = sounder(command, ...args, ...place, ...flags);
        await using program = new Program([prlimit!, "--nofile=100", ...all]);
        await program.says(/listening on/i);
        if (wanted > most) await program.says(/can't be met/);
        program.child.kill("SIGTERM");
        expect(await program.ended()).toBe(0);
        const told =
          `--max-connections ${wanted} can't be met: ${who} may have 100 ` +
          `files open, which is enough for ${most} connections; raise ` +
          "`ulimit -n`\n";
        if (wanted > most) expect(program.said).toContain(told);
        else expect(program.said).not.toContain("can't be met");
      }
    },
    30_000,
  );

  test
    .skipIf(prlimit === undefined)
    .each(["--max-connections=36", "--max-connections=500", "--log=text"])(
    "a server with %s lets in as many as its files allow, and stays awake",
    async (flag) => {
      const raw = ["--reply", "raw", flag];
      const command = sounder("server", "127.0.0.1:0", ...raw);
      await using server = new Program([prlimit!, "--nofile=100", ...command]);
      const [, address] = await server.says(/Listening on (\S+);/);
      // 64 are its own.
      const most = 100 - 64;
      await using stack = new AsyncDisposableStack();
      for (let each = 0; each < most; each += 1) {
        const connection = stack.use(await connect(address));
        await expectEcho(connection, "hello");
      }
      // It may be reset before it is told that it is open.
      const over = connect(address).then((one) => stack.use(one).read());
      await expect(over).rejects.toMatchObject({ code: "ECONNRESET" });
      await server.says(/1 connection not let in: max-connections/);
      const { pid } = server.child;
      const spent = cpuOf(pid);
      await Bun.sleep(1000);
      expect(cpuOf(pid) - spent).toBeLessThan(0.3);
      expect(server.said).not.toContain("no file");
    },
    30_000,
  );
});

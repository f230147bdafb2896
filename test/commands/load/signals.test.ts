import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";

import type { Result } from "../../../src/result/result.ts";
import { isAlive } from "../../support/alive.ts";
import { noProc } from "../../support/child.ts";
import { Program, sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { Pty } from "../../support/pty.ts";
import { until } from "../../support/until.ts";
import { goesSilent } from "../../villains/goes-silent.ts";

const FOR_LONG = ["-c4", "-d1h", "--warmup=0s"];

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}

/** Waits until a load has its workers, and they send. */
async function workersOf(
  { child }: Program,
  server: Awaited<ReturnType<typeof echo>>,
): Promise<number[]> {
  const sends = () => server.tally.bytes.out > 10_000;
  await until(sends, "the workers send");
  return childrenOf(child.pid);
}

describe("sounder load, interrupted,", () => {
  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    test(`by ${signal} tells what it measured`, async () => {
      await using server = await echo();
      const command = sounder("load", server.address, ...FOR_LONG, "--json=-");
      await using program = new Program(command);
      await until(() => server.tally.bytes.out > 10_000, "it sends");
      program.child.kill(signal);
      const result: Result = await program.child.stdout.json();
      expect(await program.ended()).toBe(status);
      expect(program.said).toBe("");
      expect(result.warnings[0]).toMatch(
        /^interrupted after .* of 60m 00s$|^interrupted after .* of 1h 00m$/,
      );
      expect(result.messages.received).toBeGreaterThan(0);
      expect(result.messages.unanswered).toBe(0);
      expect(result.verdict).toBe("pass");
    });
  }

  test("before its workers are up does not wait for them", async () => {
    await using server = await echo();
    const command = sounder("load", server.address, ...FOR_LONG, "--workers=2");
    await using program = new Program(command);
    await until(() => server.tally.connections.total > 0, "it probes");
    program.child.kill("SIGINT");
    expect(await program.ended()).toBe(130);
    expect(program.said).toMatch(
      /^sounder: .* it was interrupted \(EINTR\)\n$/,
    );
  });

  test("says fail where messages were lost", async () => {
    await using server = await goesSilent(5 * 64);
    const command = sounder(
      "load",
      server.address,
      ...FOR_LONG,
      "--reply=raw",
      "--timeout=300ms",
      "--json=-",
    );
    await using program = new Program(command);
    const stuck = () => server.sockets.some((one) => one.bytesRead > 5 * 64);
    await until(stuck, "one is not answered");
    program.child.kill("SIGINT");
    const result: Result = await program.child.stdout.json();
    expect(await program.ended()).toBe(130);
    expect(result.verdict).toBe("fail");
    expect(result.messages.unanswered).toBeGreaterThan(0);
  });

  test("by Ctrl-C, which its workers get, too, tells what they measured", async () => {
    await using server = await echo();
    await using folder = await temporaryFolder();
    const file = folder.path("result.json");
    const flags = [...FOR_LONG, "--workers=2", `--json=${file}`];
    await using pty = new Pty(sounder("load", server.address, ...flags));
    await until(() => server.tally.bytes.out > 10_000, "it sends");
    pty.type("\u0003");
    expect(await pty.child.exited).toBe(130);
    const result: Result = await Bun.file(file).json();
    expect(result.options.workers).toBe(2);
    expect(result.messages.received).toBe(result.messages.sent);
  });
});

test("sounder load tells what it measured when its whole group is to end", async () => {
  await using server = await echo();
  const flags = [...FOR_LONG, "--workers=2", "--json=-"];
  await using program = new Program(sounder("load", server.address, ...flags));
  await until(() => server.tally.bytes.out > 10_000, "it sends");
  process.kill(-program.child.pid, "SIGTERM");
  const result: Result = await program.child.stdout.json();
  expect(await program.ended()).toBe(143);
  expect(result.messages.received).toBeGreaterThan(0);
});

for (const workers of [1, 2]) {
  test(`sounder load with ${workers} workers tells what it has, interrupted again`, async () => {
    await using server = await goesSilent(0);
    const flags = [...FOR_LONG, "--reply=raw", "--timeout=1h", "--json=-"];
    const command = [...flags, `--workers=${workers}`];
    await using program = new Program(
      sounder("load", server.address, ...command),
    );
    const stuck = () =>
      server.sockets.filter((one) => one.bytesRead > 0).length === 4;
    await until(stuck, "none is answered");
    program.child.kill("SIGINT");
    // Further ones would end it without a word.
    await Bun.sleep(300);
    program.child.kill("SIGINT");
    const result: Result = await program.child.stdout.json();
    expect(await program.ended()).toBe(130);
    expect(result.messages).toEqual({ sent: 4, received: 0, unanswered: 4 });
    // Who was not given the time to finish is not to blame.
    expect(result.warnings.join()).not.toMatch(/did not end as they should/);
  });
}

describe.skipIf(noProc)("workers of sounder load", () => {
  const flags = [...FOR_LONG, "--workers=3"];

  test("end with one that was killed, and it is told", async () => {
    await using server = await echo();
    await using program = new Program(
      sounder("load", server.address, ...flags),
    );
    const workers = await workersOf(program, server);
    expect(workers).toHaveLength(3);
    process.kill(workers[1]!, "SIGKILL");
    expect(await program.ended()).toBe(1);
    expect(program.said).toBe(
      "sounder: a worker process ended: signal SIGKILL (EWORKER)\n",
    );
    await until(() => !workers.some(isAlive), "the others are gone");
  });

  test("end with one that was killed before all connections were open", async () => {
    await using server = await echo();
    await using program = new Program(
      sounder("load", server.address, ...flags, "--ramp=1h"),
    );
    const workers = await workersOf(program, server);
    process.kill(workers[0]!, "SIGKILL");
    expect(await program.ended()).toBe(1);
    await until(() => !workers.some(isAlive), "the others are gone");
  });

  test("end with their parent, however it ends", async () => {
    await using server = await echo();
    await using program = new Program(
      sounder("load", server.address, ...flags),
    );
    const workers = await workersOf(program, server);
    program.child.kill("SIGKILL");
    await program.child.exited;
    await until(() => !workers.some(isAlive), "the workers are gone");
    await until(() => server.tally.connections.open === 0, "all is closed");
  });
});

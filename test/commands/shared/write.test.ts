/**
 * Standard streams belong to others, too: what is done to a pipe's flags is done
 * to everybody who has it open.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { connect } from "../../../src/client/connect.ts";
import { noProc } from "../../support/child.ts";
import { Program, run, sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";

/** Of open(2), on Linux. */
const O_NONBLOCK = 0o4000;

/** Which of the flags of `/proc/PID/fdinfo` are not blocking. */
function nonBlocking(fdinfo: string): string[] {
  const flags = Array.from(fdinfo.matchAll(/^flags:\s*(\d+)$/gm), ([, octal]) =>
    Number.parseInt(octal!, 8),
  );
  expect(flags).toHaveLength(3);
  return flags.flatMap((flag, fd) => (flag & O_NONBLOCK ? [`fd ${fd}`] : []));
}

/** Runs a command, then tells the flags of the streams that it was given. */
const THEN_TELL = '"$@"; echo "status $?"; cat /proc/$$/fdinfo/[012]';
/** The same with pipes: what spawns us here gives us sockets. */
const PIPED = `cat | sh -c '${THEN_TELL}' sh "$@" 2>&1 | cat`;

const WAYS: [string, string][] = [
  ["pipes", PIPED],
  ["sockets", THEN_TELL],
];

describe.skipIf(noProc).each(WAYS)("with %s, flags stay", (_, script) => {
  async function left(command: string[]): Promise<string> {
    const { stdout } = await run(["sh", "-c", script, "sh", ...command], "hi");
    expect(nonBlocking(stdout)).toEqual([]);
    return /status \d+/.exec(stdout)![0];
  }

  test.each([
    [0, ["--help"]],
    [0, ["--version"]],
    [2, []],
    [2, ["server", "--nonsense"]],
    [1, ["report", "/nowhere"]],
  ])("after status %d of %p", async (status, args) => {
    expect(await left(sounder(...args))).toBe(`status ${status}`);
  });

  test("after a client", async () => {
    await using server = await echo();
    for (const flags of [[], ["--trace"], ["--verify"]]) {
      const command = sounder("client", server.address, ...flags);
      expect(await left(command)).toBe("status 0");
    }
  });

  test("after a load and its report", async () => {
    await using server = await echo();
    await using folder = await temporaryFolder();
    const json = folder.path("result.json");
    const flags = ["-n8", "-c2", "--warmup=0s", "--workers=2", "--json", json];
    const load = sounder("load", server.address, ...flags);
    expect(await left(load)).toBe("status 0");
    expect(await left(sounder("report", json))).toBe("status 0");
  });
});

/** A server in the middle of pipes, and a shell that stays when it has ended. */
async function pipedServer(
  folder: { path(name: string): string },
  flags: string[],
) {
  const pid = folder.path("pid");
  const script = `"$@" <&0 & echo $! >${pid}; wait $!; echo "status $?"; cat /proc/$$/fdinfo/[012]`;
  const program = new Program([
    "sh",
    "-c",
    `cat | sh -c '${script}' sh "$@" 2>&1 | cat >&2`,
    "sh",
    ...sounder("server", "127.0.0.1:0", ...flags),
  ]);
  const [, port] = await program.says(/127\.0\.0\.1:(\d+)(?:;|"|\n)/);
  return Object.assign(program, {
    address: `127.0.0.1:${port}`,
    pid: Number(readFileSync(pid, "utf8")),
  });
}

describe.skipIf(noProc)("flags stay", () => {
  test.each([[[]], [["--trace"]], [["--log=json"]], [["--workers=2"]]])(
    "while a server with %p has connections",
    async (flags) => {
      await using folder = await temporaryFolder();
      await using server = await pipedServer(folder, flags);
      await using connection = await connect(server.address);
      await connection.write(Buffer.from("hello"));
      await connection.read();
      const read = (fd: number) =>
        readFileSync(`/proc/${server.pid}/fdinfo/${fd}`, "utf8");
      expect(nonBlocking([0, 1, 2].map(read).join(""))).toEqual([]);
    },
  );

  test.each([
    ["SIGINT", 0],
    ["SIGTERM", 0],
    ["SIGHUP", 0],
    ["SIGUSR1", 138],
    ["SIGKILL", 137],
  ] as const)("after a server that %s ended", async (signal, status) => {
    await using folder = await temporaryFolder();
    await using server = await pipedServer(folder, []);
    await server.says(/Listening/);
    process.kill(server.pid, signal);
    await server.says(new RegExp(`status ${status}$`, "m"));
    await server.says(/(flags:[^]*){3}mnt_id/);
    expect(nonBlocking(server.said)).toEqual([]);
  });
});

test("what came back stands where it came, between what is said", async () => {
  await using server = await echo();
  const command = sounder("client", server.address, "--trace");
  const script = '"$@" 2>&1 | cat';
  const { stdout } = await run(["sh", "-c", script, "sh", ...command], "hi\n");
  expect(stdout).toMatch(/ read +3 bytes .*\nhi\n/);
});

test("results and what is said stand in the order in which they were told", async () => {
  const commands = join(import.meta.dir, "../../../src/commands");
  const script = `
    import { output } from "${commands}/shared/output.ts";
    import { said, say } from "${commands}/shared/say.ts";
    for (let round = 0; round < 50; round += 1) {
      for (const line of ["1", "2", "3"]) say(line);
      const written = output("result\\n");
      say("4");
      await written;
    }
    await said.emptied();
    process.exit();`;
  const bun = [process.execPath, "-e", script];
  const { stdout } = await run(["sh", "-c", '"$@" 2>&1 | cat', "sh", ...bun]);
  expect(stdout).toBe("1\n2\n3\nresult\n4\n".repeat(50));
});

test("what follows a client into a slow reader is not lost", async () => {
  await using server = await echo();
  const { stdout } = await run([
    "sh",
    "-c",
    '(echo hi | "$@"; head -c 3000000 /dev/zero) | (sleep 1; wc -c)',
    "sh",
    ...sounder("client", server.address, "--trace"),
  ]);
  expect(stdout.trim()).toBe("3000003");
});

import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { execute, type ExecutionOptions } from "../../src/trial/execution.ts";
import { isAlive } from "../support/alive.ts";
import { noProc } from "../support/child.ts";
import { temporaryFolder } from "../support/folder.ts";
import { until } from "../support/until.ts";

const LONG = 60_000;

function run(
  command: readonly string[],
  options: Partial<ExecutionOptions> = {},
) {
  return execute({
    command,
    endpoint: { kind: "tcp", host: "127.0.0.1", port: 7 },
    input: undefined,
    timeout: LONG,
    stop: new AbortController().signal,
    ...options,
  });
}

function shell(script: string, options: Partial<ExecutionOptions> = {}) {
  return run(["sh", "-c", script], options);
}

describe("a run of the command", () => {
  test("tells its status, what it printed, and why", async () => {
    const ended = await shell(
      "echo one; echo a warning >&2; echo an error: no >&2; echo bye >&2; exit 7",
    );
    expect(ended).toMatchObject({
      status: 7,
      signal: null,
      hungFor: null,
      lastWords: "an error: no",
      stdoutTail: "one\n",
      stderrTail: "a warning\nan error: no\nbye\n",
    });
    expect(String(ended.stdout)).toBe("one\n");
  });

  test("gets where to connect in its words and in its environment", async () => {
    const script = 'echo "{address} $SOUNDER_HOST $SOUNDER_PORT"';
    const { stdoutTail } = await shell(script);
    expect(stdoutTail).toBe("127.0.0.1:7 127.0.0.1 7\n");
  });

  test("gets its input each time, or none at all", async () => {
    const input = Buffer.alloc(300_000, "x");
    expect((await run(["cat"], { input })).stdout.length).toBe(300_000);
    expect((await run(["cat"])).stdout.length).toBe(0);
    // Nor is it missed where nobody reads it.
    expect((await run(["true"], { input })).status).toBe(0);
  });

  test("that dies of a signal tells which", async () => {
    expect(await shell("kill -SEGV $$")).toMatchObject({
      status: null,
      signal: "SIGSEGV",
      hungFor: null,
    });
  });

  test("dies of SIGPIPE as from a shell: it is not ignored", async () => {
    const { signal } = await shell("kill -PIPE $$; exit 3");
    expect(signal).toBe("SIGPIPE");
  });

  test("that hangs is ended, and what it printed is kept", async () => {
    const ended = await shell("echo begun; exec sleep 1000", { timeout: 300 });
    expect(ended).toMatchObject({
      status: null,
      signal: null,
      hungFor: 300,
      stdoutTail: "begun\n",
    });
  });

  test("may take longer while bytes pass, and no longer", async () => {
    let passed = 0;
    const progress = () => Math.min(++passed, 3);
    const ended = await shell("exec sleep 1000", { timeout: 50, progress });
    // At the start and twice more of them have passed, and then none.
    expect(passed).toBe(4);
    expect(ended.hungFor).toBe(150);
  });

  test("may not take for ever, whatever passes", async () => {
    let passed = 0;
    const progress = () => ++passed;
    const ended = await shell("exec sleep 1000", { timeout: 20, progress });
    expect(ended.hungFor).toBe(200);
  });

  test("that prints without end is ended", async () => {
    const ended = await run(["yes", "x".repeat(1000)]);
    expect(ended).toMatchObject({ flooded: true, status: null, signal: null });
    expect(ended.stdout.length).toBeGreaterThanOrEqual(64 * 2 ** 20);
  });

  test("that can't be started is told", async () => {
    expect(run(["no-such-program"])).rejects.toThrow(
      "cannot run no-such-program: no such file (ENOENT)",
    );
  });
});

describe.skipIf(noProc)("of a run's processes none is left:", () => {
  /** Runs it, and tells the process that it has left a number of. */
  async function pidsOf(
    script: string,
    stop: AbortSignal = new AbortController().signal,
    timeout = LONG,
  ): Promise<{ pids: number[]; ended: Promise<unknown> } & AsyncDisposable> {
    const folder = await temporaryFolder();
    const file = folder.path("pids");
    const ended = shell(`pids='${file}'; ${script}`, { stop, timeout });
    await until(() => existsSync(`${file}.done`), "its processes run");
    const text = await Bun.file(file).text();
    return {
      pids: text.trim().split("\n").map(Number),
      ended,
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  }

  const DONE = 'touch "$pids.done"; ';
  const BACKGROUND = `sleep 1000 & echo $! > "$pids"; ${DONE}`;
  const NESTED = `sh -c 'sleep 1000 & echo $! > "$0"; wait' "$pids" & until test -s "$pids"; do sleep 0.01; done; ${DONE}`;
  const DAEMON = `setsid sh -c 'echo $$ > "$0"; exec sleep 1000' "$pids" & until test -s "$pids"; do sleep 0.01; done; ${DONE}`;

  // As what a trial starts that is itself part of a run.
  const TRIAL = `export SOUNDER_RUN="$SOUNDER_RUN another"; ${DAEMON}`;

  const KINDS = [
    ["one in the background", BACKGROUND],
    ["a child of a child", NESTED],
    ["one with a session of its own", DAEMON],
    ["one of another run", TRIAL],
  ] as const;

  test.each(KINDS)("%s, at its end", async (_, script) => {
    await using started = await pidsOf(`${script} exit 0`);
    await started.ended;
    await until(() => !started.pids.some(isAlive), "they are gone");
  });

  test.each(KINDS)("%s, if it is stopped", async (_, script) => {
    const stop = new AbortController();
    await using started = await pidsOf(`${script} wait`, stop.signal);
    expect(started.pids.every(isAlive)).toBe(true);
    stop.abort();
    await started.ended;
    await until(() => !started.pids.some(isAlive), "they are gone");
  });

  test("one that ignores every signal that can be, if it hangs", async () => {
    await using started = await pidsOf(
      `trap '' TERM INT HUP; echo $$ > "$pids"; ${DONE} while :; do sleep 1; done`,
      undefined,
      500,
    );
    expect(await started.ended).toMatchObject({ hungFor: 500 });
    await until(() => !started.pids.some(isAlive), "they are gone");
  });
});

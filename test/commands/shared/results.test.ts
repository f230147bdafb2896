import { describe, expect, test } from "bun:test";

import type { Result } from "../../../src/result/result.ts";
import { Program, run, sounder } from "../../support/cli.ts";
import { echo } from "../../support/echo.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { openLoop } from "../../support/results.ts";
import { until } from "../../support/until.ts";
import { swallows } from "../../villains/mutes.ts";

const SHORT = ["-c2", "-n100", "--warmup=0s"];

describe("what sounder load writes to standard output is alone there:", () => {
  async function written(flag: string): Promise<string> {
    await using server = await echo();
    const { status, stdout, stderr } = await run(
      sounder("load", server.address, ...SHORT, flag, "-"),
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout;
  }

  test("JSON", async () => {
    const result: Result = JSON.parse(await written("--json"));
    expect(result.messages.received).toBe(100);
  });

  test("HTML", async () => {
    const html = await written("--html");
    expect(html).toStartWith("<!doctype html>");
    expect(html.trimEnd()).toEndWith("</html>");
  });

  test("an HdrHistogram log", async () => {
    const lines = (await written("--hlog")).trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(4);
    const known = /^$|^#|^"StartTimestamp"|^\d+\.\d+,\d+\.\d+,\d+\.\d+,HISTF/;
    expect(lines.filter((line) => !known.test(line))).toEqual([]);
  });
});

test("a run that failed says why, beside its JSON too", async () => {
  await using server = await echo();
  const command = sounder("load", server.address, ...SHORT, "--goal=max<1us");
  const shown = await run(command);
  expect(shown.stdout).toMatch(/\nFAIL {2}max<1us missed: [^\n]+\n$/);
  expect(shown).toMatchObject({ status: 1, stderr: "" });
  const { stdout, stderr, status } = await run([...command, "--json=-"]);
  const { reasons }: Result = JSON.parse(stdout);
  expect(reasons![0]).toStartWith("max<1us missed: ");
  expect(stderr).toBe(`FAIL  ${reasons!.join("; ")}\n`);
  expect(status).toBe(1);
});

describe("a file that is there already", () => {
  const BEFORE = "of the last run\n".repeat(10_000);

  async function file() {
    const folder = await temporaryFolder();
    const path = folder.path("result");
    await Bun.write(path, BEFORE);
    return { ...folder, file: path };
  }

  test("is kept where a run fails", async () => {
    await using folder = await file();
    const gone = await echo();
    await gone.stop();
    for (const flag of ["--json", "--html", "--hlog"]) {
      const { status } = await run(
        sounder("load", gone.address, ...SHORT, flag, folder.file),
      );
      expect(status).toBe(1);
      expect(await Bun.file(folder.file).text()).toBe(BEFORE);
    }
  });

  test("is kept where a run is interrupted before it measures", async () => {
    await using folder = await file();
    await using server = await swallows();
    await using program = new Program(
      sounder("load", server.address, ...SHORT, "--json", folder.file),
    );
    await until(() => server.sockets.length > 0, "it probes");
    program.child.kill("SIGINT");
    expect(await program.ended()).toBe(130);
    expect(await Bun.file(folder.file).text()).toBe(BEFORE);
  });

  test("gives way to a result, all of it", async () => {
    await using folder = await file();
    await using server = await echo();
    await run(sounder("load", server.address, ...SHORT, "--json", folder.file));
    const result: Result = await Bun.file(folder.file).json();
    expect(result.messages.received).toBe(100);
  });
});

test("a file that can't be written keeps no other from being written", async () => {
  await using folder = await temporaryFolder();
  await using server = await echo();
  await Bun.write(folder.path("run.json"), JSON.stringify(openLoop));
  const commands = [
    sounder("load", server.address, ...SHORT),
    sounder("report", folder.path("run.json")),
  ];
  for (const [index, command] of commands.entries()) {
    const html = folder.path(`${index}.html`);
    const { status, stdout, stderr } = await run([
      ...command,
      "--json=/dev/full",
      `--html=${html}`,
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^sounder: cannot write \/dev\/full: .*\n$/);
    expect(stdout).toEndWith("answers were right\n");
    expect(await Bun.file(html).text()).toStartWith("<!doctype html>");
  }
});

test("a result goes into pipes, in which nothing is there to be cut", async () => {
  await using folder = await temporaryFolder();
  const [pipe, read] = [folder.path("pipe"), folder.path("read")];
  const text = `${JSON.stringify(openLoop, null, 2)}\n`;
  const report = (json: string) => sounder("report", "-", "--json", json);
  const shell = (script: string, ...args: string[]) =>
    run(["sh", "-c", script, "sh", ...args], text);

  const named = await shell(
    'mkfifo "$1"; cat "$1" > "$2" & shift 2; "$@"; s=$?; wait; exit $s',
    pipe,
    read,
    ...report(pipe),
  );
  expect(named).toMatchObject({ status: 0, stderr: "" });
  expect(await Bun.file(read).text()).toBe(text);
  const { stdout } = await shell('"$@" | cat', ...report("/dev/stdout"));
  expect(stdout).toStartWith(`${text}tcp://`);
});

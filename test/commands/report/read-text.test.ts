import { describe, expect, test } from "bun:test";

import { readText } from "../../../src/commands/report/read-text.ts";
import { run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("readText()", () => {
  test("reads all of a file of results, and of a pipe", async () => {
    await using folder = await temporaryFolder();
    const text = `\uFEFF\n {"é": 1}${" ".repeat(200_000)}`;
    await Bun.write(folder.path("a"), text);
    expect(await readText(folder.path("a"))).toBe(text.slice(1));
    const { stderr } = await run(sounder("report", "-"), '{"é": 1}');
    expect(stderr).toContain("stdin is not a result of load: ");
  });

  test("reads on where a log begins with what load said", async () => {
    await using folder = await temporaryFolder();
    for (const said of ["sounder: it is late", "FAIL  2 errors"]) {
      const text = `${said}\n{"a": 1}${" ".repeat(200_000)}`;
      await Bun.write(folder.path("log"), text);
      expect(await readText(folder.path("log"))).toBe(text);
    }
  });

  test("refuses what is larger than any result", async () => {
    await using folder = await temporaryFolder();
    const path = folder.path("a");
    await Bun.write(path, `{${" ".repeat(99)}`);
    expect(await readText(path, 100)).toHaveLength(100);
    await expect(readText(path, 99)).rejects.toThrow(
      `cannot read ${path}: it is larger than 99 B (EFBIG)`,
    );
  });

  test("reads no more of what is none than its beginning", async () => {
    expect((await readText("/dev/zero")).length).toBeLessThan(1e6);
    const { status, stderr } = await run([
      "sh",
      "-c",
      'yes | "$@"',
      "sh",
      ...sounder("report", "-"),
    ]);
    expect(stderr).toMatch(
      /^sounder: stdin is not a result of load: [^\n]+\n$/,
    );
    expect(status).toBe(1);
  });

  test("names a file that it can't read", async () => {
    await expect(readText("/nope/a.json")).rejects.toThrow(
      /^cannot read \/nope\/a\.json: .*\(ENOENT\)$/,
    );
    await expect(readText("/")).rejects.toThrow("it is a directory (EISDIR)");
  });
});

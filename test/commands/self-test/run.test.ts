import { expect, test } from "bun:test";
import { mkdir, readdir } from "node:fs/promises";

import { Program, run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";

/** A self-test with another folder for what is temporary. */
async function selfTest(tmpdir: string) {
  await using program = new Program(sounder("--self-test"), {
    TMPDIR: tmpdir,
  });
  const stdout = await program.child.stdout.text();
  return { status: await program.ended(), stdout, stderr: program.said };
}

test("sounder --self-test tells what works here, and leaves nothing", async () => {
  await using folder = await temporaryFolder();
  await mkdir(folder.path("tmp"));
  const { status, stdout, stderr } = await selfTest(folder.path("tmp"));
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const lines = stdout.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^PASS {2}sounder works here; that took /);
  const told = (what: string) => lines.find((line) => line.includes(what));
  for (const what of ["TCP over IPv4", "a Unix socket", "TLS"]) {
    expect(told(what)).toMatch(/^✓ .* 8\.39 MB there and back, .*\/s$/);
  }
  expect(told("TCP over IPv6")).toMatch(/^✓ .* 8\.39 MB|– .* has none$/);
  expect(told("a stamp")).toMatch(/\[.{24}\] hello$/);
  expect(told("two processes")).toMatch(/^✓ .*\/s, half of them within /);
  expect(await readdir(folder.path("tmp"))).toEqual([]);
});

test("sounder --self-test fails where something does not work", async () => {
  await using folder = await temporaryFolder();
  // No socket's path can be as long.
  const long = folder.path("long".repeat(30));
  await mkdir(long);
  const { status, stdout, stderr } = await selfTest(long);
  expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  expect(stdout).toMatch(/^✗ a Unix socket .*at most 107 bytes/m);
  expect(stdout).toMatch(/^✓ TLS /m);
  expect(stdout).toMatch(/^FAIL {2}1 check failed; that took /m);
});

test("sounder --self-test fails where it can make no folder", async () => {
  expect(await selfTest("/nowhere")).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "sounder: cannot make a folder in /nowhere: no such file (ENOENT)\n",
  });
});

test.each([
  [["--self-test", "more"], "too many arguments"],
  [["client", "--self-test"], "--self-test stands alone"],
])("sounder %p is a mistake", async (args, why) => {
  const { status, stderr } = await run(sounder(...args));
  expect(status).toBe(2);
  expect(stderr).toContain(why);
});

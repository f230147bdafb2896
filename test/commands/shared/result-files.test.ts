import { describe, expect, test } from "bun:test";
import { existsSync, linkSync, readdirSync, symlinkSync } from "node:fs";

import { identity } from "../../support/certificates.ts";
import { run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { freePort } from "../../support/free-port.ts";
import { openLoop, searching } from "../../support/results.ts";

const BEFORE = "of the last run\n";

/**
 * A folder with a result in `a`, something in `old` with a hard link `hard` and
 * a symbolic one `soft` to it, and `dangling`, which leads to `new`.
 */
async function folderOfLinks() {
  const folder = await temporaryFolder();
  await Bun.write(folder.path("a"), JSON.stringify(openLoop));
  await Bun.write(folder.path("b"), JSON.stringify(searching));
  await Bun.write(folder.path("old"), BEFORE);
  linkSync(folder.path("old"), folder.path("hard"));
  symlinkSync("old", folder.path("soft"));
  symlinkSync("new", folder.path("dangling"));
  linkSync(folder.path("a"), folder.path("a-hard"));
  symlinkSync("a", folder.path("a-soft"));
  return folder;
}

/** Runs a shell's line in a folder, where "$@" is the program. */
function inFolder(folder: { path(name: string): string }, line: string) {
  return run([
    "sh",
    "-c",
    `cd "$0" && ${line}`,
    folder.path("."),
    ...sounder(),
  ]);
}

const ONE_FILE = "are one file: each wants one of its own";

describe("two results can't go to one file:", () => {
  const lines: [string, string][] = [
    ["one name", '"$@" report a --json x --html x'],
    ["one name in two spellings", '"$@" report a --json x --html ./x'],
    ["an absolute name", '"$@" report a --json x --html "$PWD/x"'],
    ["a symbolic link", '"$@" report a --json old --html soft'],
    ["a hard link", '"$@" report a --json hard --html old'],
    ["a link to nothing", '"$@" report a --json dangling --html new'],
    ["nothing, and a link to it", '"$@" report a --json new --html dangling'],
    ["standard output's file", '"$@" report a --json old --html - >>old'],
    ["load's", '"$@" load 127.0.0.1:1 --json x --hlog ./x'],
    ["load's, by a link", '"$@" load 127.0.0.1:1 --html old --hlog soft'],
  ];
  test.each(lines)("%s", async (_, line) => {
    await using folder = await folderOfLinks();
    const before = readdirSync(folder.path("."));
    const { status, stdout, stderr } = await inFolder(folder, line);
    expect(stderr).toContain(ONE_FILE);
    expect(stderr).toMatch(/^sounder: [^\n]+\n$/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(await Bun.file(folder.path("old")).text()).toBe(BEFORE);
    // Nothing that was made to find it out is left.
    expect(readdirSync(folder.path("."))).toEqual(before);
    expect(existsSync(folder.path("new"))).toBe(false);
  });

  test("nor the page and a result", async () => {
    await using folder = await folderOfLinks();
    for (const command of ["report a", "load 127.0.0.1:1"]) {
      const { status, stderr } = await inFolder(
        folder,
        `"$@" ${command} --json hard >>old`,
      );
      expect(stderr).toContain(`--json hard and standard output ${ONE_FILE}`);
      expect(status).toBe(2);
      expect(await Bun.file(folder.path("old")).text()).toBe(BEFORE);
    }
  });
});

describe("no result is written over one that was read:", () => {
  const lines: [string, string][] = [
    ["by its name", '"$@" report a --json a'],
    ["as HTML", '"$@" report a --html a'],
    ["one of several", '"$@" report --compare b a --html a'],
    ["by a hard link", '"$@" report a --json a-hard'],
    ["by a symbolic link", '"$@" report a-soft --json a'],
    ["from standard input", '"$@" report - --json a <a'],
    ["by the page", '"$@" report a >>a'],
    ["on standard output", '"$@" report a --json - >>a'],
  ];
  test.each(lines)("%s", async (_, line) => {
    await using folder = await folderOfLinks();
    const { status, stdout, stderr } = await inFolder(folder, line);
    expect(stderr).toContain("would be written over what was read: ");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(await Bun.file(folder.path("a")).json()).toEqual(openLoop);
  });
});

test("a file may be what standard output is", async () => {
  await using folder = await folderOfLinks();
  const line = '"$@" report a --json - >fresh && "$@" report fresh >page';
  const { status, stderr } = await inFolder(folder, line);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(await Bun.file(folder.path("fresh")).json()).toEqual(openLoop);
  expect(await Bun.file(folder.path("page")).text()).toContain("\nPASS  ");
});

test("one file under two names is not compared with itself", async () => {
  await using folder = await folderOfLinks();
  for (const other of ["./a", "a-hard", "a-soft"]) {
    const line = `"$@" report --compare a ${other}`;
    const { status, stderr } = await inFolder(folder, line);
    expect(stderr).toBe(`sounder: a and ${other} are one file\n`);
    expect(status).toBe(2);
  }
});

test("nor over a certificate or a key", async () => {
  await using folder = await temporaryFolder();
  const { cert, key } = identity;
  await Bun.write(folder.path("cert"), cert);
  await Bun.write(folder.path("key"), key);
  const lines: [string, string][] = [
    ["--tls-ca=cert --json=./cert", "cert"],
    ["--tls-ca=cert --tls-cert=cert --tls-key=key --hlog=key", "key"],
  ];
  for (const [flags, file] of lines) {
    const line = `"$@" load tls://127.0.0.1:1 ${flags}`;
    const { status, stderr } = await inFolder(folder, line);
    expect(stderr).toContain(`would be written over what was read: ${file}\n`);
    expect(status).toBe(2);
  }
  expect(await Bun.file(folder.path("cert")).text()).toBe(cert);
  expect(await Bun.file(folder.path("key")).text()).toBe(key);
});

test("any number of results may go where nothing is kept", async () => {
  await using folder = await folderOfLinks();
  const line = '"$@" report a --json /dev/null --html /dev/null >/dev/null';
  const { status, stderr } = await inFolder(folder, line);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("work that fails leaves no file behind that was not there", async () => {
  await using folder = await folderOfLinks();
  const before = readdirSync(folder.path("."));
  const nobody = `127.0.0.1:${freePort()}`;
  for (const line of [
    `"$@" load ${nobody} --json new.json --html new.html --hlog new.hlog`,
    `"$@" load ${nobody} --json dangling --html old`,
  ]) {
    const { status } = await inFolder(folder, line);
    expect(status).toBe(1);
    expect(readdirSync(folder.path("."))).toEqual(before);
    expect(await Bun.file(folder.path("old")).text()).toBe(BEFORE);
  }
});

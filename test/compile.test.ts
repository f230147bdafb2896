import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { version } from "../package.json" with { type: "json" };
import { Program, run } from "./support/cli.ts";

/** What an executable must leave alone in the folder it is run in. */
const HOSTILE = {
  "bunfig.toml": 'preload = ["./hostile.ts"]\n',
  "hostile.ts": 'console.log("hostile"); console.error("hostile");\n',
  "tsconfig.json": "{ hostile",
  "package.json": "{ hostile",
};

let folder: string;

function compile(...args: string[]) {
  const script = join(import.meta.dir, "../scripts/compile.ts");
  return run([process.execPath, script, ...args]);
}

/** The command line of the executable in its folder. */
function executable(...args: string[]): string[] {
  return ["sh", "-c", 'cd "$0" && exec ./sounder "$@"', folder, ...args];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sounder-"));
  const made = await compile("--outfile", join(folder, "sounder"));
  expect(made).toMatchObject({ stderr: "", status: 0 });
  for (const [name, text] of Object.entries(HOSTILE)) {
    await Bun.write(join(folder, name), text);
  }
  // One that leads to itself ends a program that reads it.
  await symlink(".env", join(folder, ".env"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the executable tells its version, and nothing of the folder", async () => {
  expect(await run(executable("--version"))).toEqual({
    stdout: `${version}\n`,
    stderr: "",
    status: 0,
  });
});

test("the executable is a server and a client", async () => {
  await using server = new Program(
    executable("server", "127.0.0.1:0", "--reply", "raw"),
  );
  const [, address] = await server.says(/Listening on (\S+:\d+)/);
  const bytes = "0123456789".repeat(100_000);
  const copy = await run(executable("client", address!), bytes);
  expect({ ...copy, stdout: copy.stdout === bytes }).toEqual({
    stdout: true,
    stderr: "",
    status: 0,
  });
  server.child.kill("SIGTERM");
  expect(await server.ended()).toBe(0);
});

test("the executable fails with 1, and with 2 at a mistake", async () => {
  const failed = await run(executable("client", "unix:nobody.sock"));
  expect(failed).toMatchObject({ stdout: "", status: 1 });
  expect(failed.stderr).toMatch(/^sounder: cannot connect to .*\n$/);

  const mistaken = await run(executable("client", "--loudly"));
  expect(mistaken).toMatchObject({ stdout: "", status: 2 });
  expect(mistaken.stderr).toMatch(/^sounder: unknown option .*\n$/);
});

test("compile refuses a platform that Bun does not offer", async () => {
  const made = await compile("--target", "bun-amiga");
  expect(made).toMatchObject({ stdout: "", status: 2 });
  expect(made.stderr).toMatch(/^compile: .*bun-amiga\n$/);
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { $ } from "bun";

import { version } from "../package.json" with { type: "json" };
import { copyCheckout } from "./support/checkout.ts";
import { run } from "./support/cli.ts";
import { peerProgram } from "./support/peer.ts";

const ROOT = join(import.meta.dir, "..");
const MODULES = join(ROOT, "node_modules");
const node = peerProgram("node");

let folder: string;
let consumer: string;
let installed: string;

/** Puts the packed package, and what it depends on, into a project. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sounder-package-"));
  const checkout = join(folder, "checkout");
  await copyCheckout(checkout);
  await $`${process.execPath} pm pack --destination ${folder}`
    .cwd(checkout)
    .quiet();

  consumer = join(folder, "consumer");
  installed = join(consumer, "node_modules/sounder");
  await $`mkdir -p ${installed}`;
  const archive = join(folder, `sounder-${version}.tgz`);
  await $`tar -xzf ${archive} --strip-components 1 -C ${installed}`;
  for (const name of await readdir(MODULES)) {
    await symlink(join(MODULES, name), join(consumer, "node_modules", name));
  }
  await Bun.write(join(consumer, "package.json"), '{ "type": "module" }');
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command in the consumer's folder. */
function inConsumer(...command: string[]) {
  return run(["sh", "-c", 'cd "$0" && exec "$@"', consumer, ...command]);
}

const ECHO = `
import { connect, startServer } from "sounder";

const server = await startServer({ addresses: ["127.0.0.1:0"], reply: "raw" });
const connection = await connect(server.addresses[0]!);
await connection.write(new TextEncoder().encode("hello"));
const answer = await connection.read();
console.log(answer?.toString("latin1"));
connection.finish();
await connection.closed;
await server.stop();
export {};
`;

test("it serves and connects, as JavaScript without a TypeScript file", async () => {
  await Bun.write(join(consumer, "echo.ts"), ECHO);
  expect(await inConsumer(process.execPath, "echo.ts")).toEqual({
    stdout: "hello\n",
    stderr: "",
    status: 0,
  });
  const files = await readdir(installed, { recursive: true });
  const sources = files.filter((name) => /(?<!\.d)\.ts$/.test(name));
  expect(sources).toEqual([]);
});

const LOAD = `
import { load, startServer } from "sounder";

const server = await startServer({ addresses: ["127.0.0.1:0"], reply: "raw" });
const options = { messages: 100, connections: 2, workers: 2, warmup: 0 };
const { verdict, messages } = await load(server.addresses[0]!, options);
console.log(verdict, messages.received);
await server.stop();
export {};
`;

test("its workers are sounder, wherever its user's script is", async () => {
  await Bun.write(join(consumer, "load.ts"), LOAD);
  expect(await inConsumer(process.execPath, "load.ts")).toEqual({
    stdout: "pass 100\n",
    stderr: "",
    status: 0,
  });
});

test("its types hold with TypeScript's own defaults, libraries checked", async () => {
  await Bun.write(join(consumer, "echo.ts"), ECHO);
  const tsc = join(MODULES, ".bin/tsc");
  const checked = await inConsumer(tsc, "--noEmit", "--strict", "echo.ts");
  expect(checked).toMatchObject({ stdout: "", status: 0 });

  await Bun.write(
    join(consumer, "wrong.ts"),
    'import { startServer } from "sounder";\nvoid startServer({ addresses: 7 });\n',
  );
  const wrong = await inConsumer(tsc, "--noEmit", "--strict", "wrong.ts");
  expect(wrong.stdout).toContain("wrong.ts(2,");
  expect(wrong.status).not.toBe(0);
});

/** The names that a text declares, or takes from a file of ours. */
function namesIn(types: string): Set<string> {
  const declared = types.matchAll(
    /^(?:export )?(?:declare )?(?:interface|type|class) (\w+)/gm,
  );
  const imported = types.matchAll(/^import (?:type )?\{(.*)\} from "\./gm);
  return new Set([
    ...Array.from(declared, ([, name]) => name!),
    ...Array.from(imported, ([, names]) => names!.match(/\w+/g)!).flat(),
  ]);
}

/** What is declared under a name: up to the next declaration, or its docs. */
function declarationOf(name: string, types: string): string {
  const start = types.search(
    new RegExp(`^export (declare )?\\w+ ${name}\\b`, "m"),
  );
  if (start < 0) throw new Error(`${name} is declared elsewhere`);
  const [declaration] = types.slice(start).split(/\n(?=\/\*\*|export |type )/);
  return declaration!.replaceAll(/\/\*[^]*?\*\//g, "");
}

test("every type that its signatures use has a name in it", async () => {
  const types = join(installed, "lib/types");
  const index = await Bun.file(join(types, "index.d.ts")).text();
  const exported = new Map<string, string>();
  for (const [, names, file] of index.matchAll(/\{([^}]*)\} from "(.*)"/g)) {
    for (const name of names!.replaceAll("type ", "").match(/\w+/g)!) {
      exported.set(name, file!.replace(/\.ts$/, ".d.ts"));
    }
  }
  const missing: string[] = [];
  for (const [name, file] of exported) {
    const text = await Bun.file(join(types, file)).text();
    const known = namesIn(text);
    const used = declarationOf(name, text).match(/\b[A-Z]\w+\b/g) ?? [];
    for (const one of new Set(used)) {
      if (known.has(one) && !exported.has(one)) missing.push(`${name}: ${one}`);
    }
  }
  expect(missing).toEqual([]);
});

test.skipIf(!node)(
  "under Node.js it says in one sentence that it needs Bun",
  async () => {
    const imported = await inConsumer(
      node!,
      "--input-type=module",
      "--eval",
      'await import("sounder").catch((error) => console.log(error.message))',
    );
    expect(imported).toEqual({
      stdout:
        "sounder runs on Bun (https://bun.com), not on Node.js: start this program with bun\n",
      stderr: "",
      status: 0,
    });
    const command = await inConsumer(node!, join(installed, "bin/sounder.js"));
    expect(command).toMatchObject({ stdout: "", status: 1 });
    expect(command.stderr).toMatch(/^sounder: needs Bun [^\n]+\n$/);
  },
);

test("its command is executable, and runs", async () => {
  // `bun add` makes it executable, in a checkout that it links to as well.
  const { mode } = await stat(join(ROOT, "bin/sounder.js"));
  expect(mode & 0o111).toBe(0o111);
  const told = await inConsumer(
    process.execPath,
    join(installed, "bin/sounder.js"),
    "--version",
  );
  expect(told).toEqual({ stdout: `${version}\n`, stderr: "", status: 0 });
});

test("no page in it links to a file that is not", async () => {
  const dead: string[] = [];
  for (const page of new Bun.Glob("**/*.md").scanSync(installed)) {
    const text = await Bun.file(join(installed, page)).text();
    for (const [, link] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(link!)) continue;
      const target = join(installed, dirname(page), link!);
      await stat(target).catch(() => dead.push(`${page} → ${link}`));
    }
  }
  expect(dead).toEqual([]);
});

test("a checkout serves those who depend on it, too", async () => {
  const user = join(folder, "user");
  await $`mkdir -p ${user}/node_modules && ln -s ${ROOT} ${user}/node_modules/sounder`;
  await Bun.write(join(user, "echo.ts"), ECHO);
  const told = await run([process.execPath, join(user, "echo.ts")]);
  expect(told).toEqual({ stdout: "hello\n", stderr: "", status: 0 });
});

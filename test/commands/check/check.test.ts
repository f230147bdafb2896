import { expect, test } from "bun:test";
import { join } from "node:path";

import { Pty } from "../../support/pty.ts";
import { Program, redirected, run, sounder } from "../../support/cli.ts";
import { startServer } from "../../../src/server/server.ts";
import { checkComplaints } from "../../support/schema.ts";
import { temporaryFolder } from "../../support/folder.ts";

const serve = () =>
  startServer({ addresses: ["127.0.0.1:0"], reply: "raw", cooperate: true });

/** Quick ones. */
const FEW = ["--only", "connect,echo"];

test("a path is told in a table", async () => {
  await using server = await serve();
  const at = `127.0.0.1:${server.port}`;
  const { status, stdout, stderr } = await run(sounder("check", at, ...FEW));
  expect(stderr).toBe("");
  expect(stdout).toContain("✓ connect          ok: 127.0.0.1 connected in");
  expect(stdout).toContain("PASS  nothing that was seen changes a connection");
  expect(status).toBe(0);
});

test("an expectation that is missed fails it", async () => {
  await using server = await serve();
  const at = `127.0.0.1:${server.port}`;
  const { status, stdout } = await run(
    sounder("check", at, ...FEW, "--expect", "echo=stamp"),
  );
  expect(status).toBe(1);
  expect(stdout).toContain("FAIL  echo=stamp was expected: raw");
});

test("what can't be examined is one line, and a result where one is wanted", async () => {
  const plain = await run(sounder("check", "127.0.0.1:1"));
  expect(plain.status).toBe(1);
  expect(plain.stdout).toBe("");
  expect(plain.stderr).toMatch(
    /^sounder: cannot connect .*\(ECONNREFUSED\)\n$/,
  );
  const asked = await run(sounder("check", "127.0.0.1:1", "--json", "-"));
  expect(asked.status).toBe(1);
  const result = JSON.parse(asked.stdout);
  expect(checkComplaints(result)).toEqual([]);
  expect(result).toMatchObject({
    target: "tcp://127.0.0.1:1",
    verdict: "fail",
    checks: [{ name: "connect", status: "refused", rating: "harmful" }],
    reasons: [expect.stringContaining("ECONNREFUSED")],
  });
});

test.each(
  [
    ["--expect", "idel>5s"],
    ["--only", "nothing"],
    ["--idle", "soon"],
    ["--every", "5m", "--html", "x.html"],
  ].map((flags) => ({ flags })),
)("$flags is a mistake of one line", async ({ flags }) => {
  const { status, stderr } = await run(
    sounder("check", "127.0.0.1:1", ...flags),
  );
  expect(status).toBe(2);
  expect(stderr.trim().split("\n").length).toBe(1);
});

test("a monitor prints a line each time, until Ctrl-C", async () => {
  await using folder = await temporaryFolder();
  await using server = await serve();
  const at = `127.0.0.1:${server.port}`;
  const file = folder.path("lines.json");
  await using program = new Program(
    sounder(
      "check",
      at,
      ...FEW,
      "--every",
      "300ms",
      "--json",
      file,
      "--label",
      "\u202e",
    ),
  );
  await program.says(/every 300 ms/);
  const lines = async () => (await Bun.file(file).text()).trim().split("\n");
  while ((await lines()).length < 2) await Bun.sleep(20);
  program.child.kill("SIGINT");
  expect(await program.ended()).toBe(130);
  for (const line of await lines()) {
    expect(line).toContain('"label":"\\u202e"');
    expect(checkComplaints(JSON.parse(line))).toEqual([]);
    expect(JSON.parse(line).verdict).toBe("pass");
  }
});

test("what was not to be looked at is not told, and not met", async () => {
  await using server = await serve();
  const at = `127.0.0.1:${server.port}`;
  const none = ["--only", "connect", "--idle", "0s", "--transfer", "0"];
  const plain = await run(
    sounder("check", at, "--only", "idle,transfer", ...none.slice(2)),
  );
  expect(plain.stdout).toContain("? idle             unknown: no idle time");
  const { status, stdout } = await run(
    sounder(
      "check",
      at,
      ...none,
      "--expect",
      "idle=none",
      "--expect",
      "transfer>1MB",
    ),
  );
  expect(status).toBe(1);
  const text = stdout.replace(/\s+/g, " ");
  expect(text).toContain("idle=none was expected: it can't be told: no idle");
  expect(text).toContain("--transfer 64MiB would show it");
});

test("a monitor goes on where the server is gone, and tells what changed", async () => {
  const server = await serve();
  const at = `127.0.0.1:${server.port}`;
  await using program = new Program(
    redirected(">&2", sounder("check", at, ...FEW, "--every", "300ms")),
  );
  await program.says(/ pass /);
  await server.stop();
  await program.says(
    / fail cannot connect .*\| changed: connect: ok.* → refused/,
  );
  program.child.kill("SIGINT");
  expect(await program.ended()).toBe(130);
});

test("what Ctrl-C left is shown, and its verdict is none", async () => {
  await using folder = await temporaryFolder();
  await using server = await serve();
  const at = `127.0.0.1:${server.port}`;
  const file = folder.path("result.json");
  const only = ["--only", "connect,idle", "--idle", "1h"];
  await using pty = new Pty(sounder("check", at, ...only, "--json", file));
  await pty.prints("connected in");
  pty.child.kill("SIGINT");
  expect(await pty.child.exited).toBe(130);
  const result = await Bun.file(file).json();
  expect(checkComplaints(result)).toEqual([]);
  expect(result.verdict).toBe("interrupted");
  expect(result.checks.map(({ name }: { name: string }) => name)).toEqual([
    "connect",
  ]);
});

test("at a terminal the list fills in, and is gone before the table", async () => {
  await using server = await serve();
  const at = `127.0.0.1:${server.port}`;
  await using pty = new Pty(sounder("check", at, ...FEW));
  await pty.prints("Examining");
  await pty.child.exited;
  expect(pty.screen.lines.join("\n")).not.toContain("Examining");
  expect(pty.screen.lines.join("\n")).toContain("PASS");
});

test("bun run check is the gate alone, and the command with arguments", async () => {
  const script = join(import.meta.dir, "../../../scripts/check.ts");
  const { stdout, status } = await run([process.execPath, script, "--help"]);
  expect(status).toBe(0);
  expect(stdout).toContain("Usage: sounder check");

  await using folder = await temporaryFolder();
  await Bun.write(folder.path("package.json"), "{}");
  await Bun.write(folder.path("ugly.ts"), "let   a = 1");
  const gate = Bun.spawn([process.execPath, script], {
    cwd: folder.path(""),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = (await gate.stdout.text()) + (await gate.stderr.text());
  expect(said).toContain("ugly.ts");
  expect(await gate.exited).toBe(1);
});

test("in a narrow terminal a line of the list is cut, and not left out", async () => {
  await using server = await serve();
  const at = `127.0.0.1:${server.port}`;
  const only = ["--only", "connect,idle", "--idle", "1h"];
  const narrow = ["sh", "-c", 'stty cols 24; exec "$@"', "sh"];
  await using pty = new Pty([...narrow, ...sounder("check", at, ...only)]);
  await pty.prints("connect ok: 127.");
});

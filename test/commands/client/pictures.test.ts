import { expect, test } from "bun:test";

import { run, sounder } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { startServer } from "../../../src/server/server.ts";

const serve = () => startServer({ addresses: ["127.0.0.1:0"], reply: "raw" });

test.each([
  [".svg", "<svg "],
  [".html", "<!doctype html>"],
  [".mmd", "sequenceDiagram"],
  [".txt", "client 127.0.0.1:"],
])("a conversation is drawn as %s", async (end, start) => {
  await using folder = await temporaryFolder();
  await using server = await serve();
  const file = folder.path(`picture${end}`);
  const args = ["client", `127.0.0.1:${server.port}`, "--diagram", file];
  const { status, stdout } = await run(sounder(...args), "hello\n");
  expect({ status, stdout }).toEqual({ status: 0, stdout: "hello\n" });
  const text = await Bun.file(file).text();
  expect(text).toContain(start);
  expect(text).toContain("hello");
});

test("bytes are not shown where nobody may see them", async () => {
  await using folder = await temporaryFolder();
  await using server = await serve();
  const file = folder.path("picture.txt");
  const args = ["client", `127.0.0.1:${server.port}`, "--diagram", file];
  await run(sounder(...args, "--diagram-bytes", "0"), "secret\n");
  const text = await Bun.file(file).text();
  expect(text).toContain("write 7 bytes");
  expect(text).not.toContain("secret");
});

test.each([
  { cooperate: true, head: / {2,}server 127/, dashed: false },
  { cooperate: false, head: / {2,}server 127/, dashed: true },
])(
  "--both-sides draws the server's side where it cooperates: $cooperate",
  async ({ cooperate, head, dashed }) => {
    await using folder = await temporaryFolder();
    await using server = await startServer({
      addresses: ["127.0.0.1:0"],
      reply: "raw",
      cooperate,
    });
    const file = folder.path("picture.txt");
    const args = ["client", `127.0.0.1:${server.port}`, "--diagram", file];
    const { status } = await run(sounder(...args, "--both-sides"), "hello\n");
    expect(status).toBe(0);
    const text = await Bun.file(file).text();
    expect(text).toMatch(head);
    expect(text.split("(10) read 6 bytes").length).toBe(dashed ? 2 : 3);
    expect(/the two clocks|server's clock/.test(text)).toBe(!dashed);
  },
);

test("what can't be connected to is drawn, too", async () => {
  await using folder = await temporaryFolder();
  const file = folder.path("picture.txt");
  const args = ["client", "127.0.0.1:1", "--diagram", file];
  const { status } = await run(sounder(...args));
  expect(status).toBe(1);
  expect(await Bun.file(file).text()).toContain("(5) connect");
});

test.each([
  ["--diagram", "picture.gif", "must end with one of"],
  ["--diagram", "/nowhere/picture.svg", "no such folder"],
  ["--trace-json", "/nowhere/trace.jsonl", "no such file"],
])("%s %s is told before anything is sent", async (flag, path, why) => {
  const { status, stderr } = await run(
    sounder("client", "127.0.0.1:1", flag, path),
  );
  expect(status).toBeGreaterThan(0);
  expect(stderr).toContain(why);
  expect(stderr.trim().split("\n").length).toBe(1);
});

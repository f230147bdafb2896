import { expect, test } from "bun:test";

import { connect } from "../../../src/client/connect.ts";
import { readAnswer } from "../../../src/protocol/cooperation/answer.ts";
import { questionLine } from "../../../src/protocol/cooperation/question.ts";
import { Program, run, sounder } from "../../support/cli.ts";

async function instanceAt(port: number): Promise<string | undefined> {
  await using connection = await connect(`127.0.0.1:${port}`);
  await connection.write(questionLine({ ask: "who" }));
  const line = String(await connection.read());
  return readAnswer(line, "who")?.instance;
}

test.each([
  { flags: ["--cooperate"], processes: 1 },
  { flags: ["--cooperate=transfer"], processes: 1 },
  { flags: ["--cooperate", "--workers", "2"], processes: 2 },
])("a server answers questions with $flags", async ({ flags, processes }) => {
  const args = ["server", "--reply", "raw", ...flags, "127.0.0.1:0"];
  await using server = new Program(sounder(...args));
  const [, port] = await server.says(/Listening on 127\.0\.0\.1:(\d+)/);
  const seen = new Set<string | undefined>();
  for (let tries = 0; tries < 40; tries += 1) {
    seen.add(await instanceAt(Number(port)));
  }
  expect(seen.has(undefined)).toBe(false);
  expect(seen.size).toBe(processes);
});

test("how it cooperates is one of its words", async () => {
  const { status, stderr } = await run(sounder("server", "--cooperate=fully"));
  expect(status).toBe(2);
  expect(stderr).toContain("fully");
  expect(stderr.trim().split("\n").length).toBe(1);
});

import { expect, test } from "bun:test";
import { join } from "node:path";

import { version } from "../package.json" with { type: "json" };
import { manPage } from "../scripts/man.ts";
import { wholeProgram } from "../src/commands/program.ts";
import { run } from "./support/cli.ts";
import { peerProgram } from "./support/peer.ts";

const PAGE = join(import.meta.dir, "../man/sounder.1");
const mandoc = peerProgram("mandoc");

test("the manual page is what `bun run man` makes", async () => {
  expect(await Bun.file(PAGE).text()).toBe(await manPage());
});

test.skipIf(!mandoc)("mandoc has nothing against it", async () => {
  const told = await run([mandoc!, "-Tlint", PAGE]);
  expect(told).toEqual({ stdout: "", stderr: "", status: 0 });
});

test.skipIf(!mandoc)("it tells every flag of every command", async () => {
  const { stdout } = await run([mandoc!, "-Tutf8", "-O", "width=200", PAGE]);
  // Bold is a letter over itself.
  const letters = stdout
    .split("\b")
    .map((part, index, { length }) =>
      index < length - 1 ? part.slice(0, -1) : part,
    );
  const text = letters.join("").replaceAll(/\s+/g, " ");
  expect(text).toContain(`sounder ${version}`);
  for (const command of (await wholeProgram()).commands) {
    expect(text).toContain(`${command.name()} `);
    for (const { flags, description } of command.options) {
      expect(text).toContain(`${flags} ${description.replaceAll("…", "...")}`);
    }
  }
});

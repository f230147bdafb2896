import { expect, test } from "bun:test";
import { join } from "node:path";

import { run } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

const ROOT = join(import.meta.dir, "../..");
const page = await Bun.file(join(ROOT, "docs/LIBRARY.md")).text();

/** Each example, and the heading that it stands under. */
const snippets = Array.from(
  page.matchAll(/^```ts\n(.*?)^```$/gms),
  ({ 1: code, index }) => ({
    code: code!,
    heading: [...page.slice(0, index).matchAll(/^## (.*)$/gm)].at(-1)![1]!,
  }),
);

test("the guide has examples", () => {
  expect(snippets.length).toBeGreaterThan(8);
});

test.each(snippets)("the example of $heading passes", async ({ code }) => {
  await using folder = await temporaryFolder();
  const library = JSON.stringify(join(ROOT, "src/index.ts"));
  const file = folder.path("example.test.ts");
  await Bun.write(file, code.replace('from "sounder"', `from ${library}`));
  const { status, stderr } = await run([process.execPath, "test", file]);
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({
    status: 0,
    stderr: "",
  });
});

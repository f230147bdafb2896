import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { peerProgram } from "../support/peer.ts";
import { examplesIn } from "./page.ts";
import { Runner } from "./run.ts";

const ROOT = join(import.meta.dir, "../..");
const PAGES = [
  "README.md",
  "README.zh-CN.md",
  ...[...new Bun.Glob("docs/*.md").scanSync(ROOT)].toSorted(),
];

/** Who runs them alone can say which: `EXAMPLE=docs/FAULTS.md:40`. */
const ONLY = process.env["EXAMPLE"];

for (const page of PAGES) {
  const examples = examplesIn(await Bun.file(join(ROOT, page)).text());
  if (examples.length === 0) continue;
  describe(page, () => {
    for (const example of examples) {
      const { line, commands, directions } = example;
      const { skip, needs } = directions;
      const absent = needs.filter((name) => peerProgram(name) === undefined);
      const isLeftOut =
        skip.length > 0 ||
        absent.length > 0 ||
        (ONLY !== undefined && ONLY !== `${page}:${line}`);
      test.skipIf(isLeftOut)(`${line}: ${commands[0]?.text}`, async () => {
        await using runner = new Runner();
        expect(await runner.run(example)).toBeUndefined();
      });
    }
  });
}

/**
 * Builds what the package ships into lib/: JavaScript of the library and of the
 * command line, and the library's types. Packing runs it (`prepack`).
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { $ } from "bun";

const ROOT = join(import.meta.dir, "..");
const LIB = join(ROOT, "lib");

/** What is there without being built. */
const KEPT = ["index.ts", "cli.ts", "only-bun.js"];

for (const name of await readdir(LIB)) {
  if (!KEPT.includes(name)) await rm(join(LIB, name), { recursive: true });
}

await Bun.build({
  entrypoints: [join(ROOT, "src/index.ts"), join(ROOT, "src/cli.ts")],
  outdir: LIB,
  target: "bun",
  format: "esm",
  packages: "external",
  splitting: true,
});

// `bun check` checks as tsc does, and writes nothing.
await $`node_modules/.bin/tsc --project tsconfig.lib.json`.cwd(ROOT);

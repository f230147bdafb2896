import { cp, symlink } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

/** What it takes to pack, so that nothing is built in the checkout itself. */
const PACKED = [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "README.zh-CN.md",
  "bin",
  "bun.lock",
  "deploy",
  "docs",
  "lib/cli.ts",
  "lib/index.ts",
  "lib/only-bun.js",
  "man",
  "package.json",
  "scripts",
  "src",
  "tsconfig.json",
  "tsconfig.lib.json",
];

/** Copies what is packed, with the packages that it needs. */
export async function copyCheckout(to: string): Promise<void> {
  for (const name of PACKED) {
    await cp(join(ROOT, name), join(to, name), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(to, "node_modules"));
}

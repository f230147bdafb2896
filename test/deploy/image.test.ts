import { expect, test } from "bun:test";
import { cp, mkdir, symlink } from "node:fs/promises";
import { dirname } from "node:path";

import { run } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";
import { pathOf, textOf } from "./files.ts";

/** What the build stage of the Dockerfile copies. */
const copied = Array.from(
  textOf("deploy/Dockerfile").matchAll(/^COPY (?!--from)(.*) \S+$/gm),
  ([, sources]) => sources!.split(" "),
).flat();

test("the image's build has all that the executable is made of", async () => {
  await using folder = await temporaryFolder();
  for (const source of copied) {
    const target = folder.path(source);
    await mkdir(dirname(target), { recursive: true });
    await cp(pathOf(source), target, { recursive: true });
  }
  await symlink(pathOf("node_modules"), folder.path("node_modules"));
  const outdir = folder.path("dist");
  const script = `await Bun.build({ entrypoints: ["src/cli.ts"],
    target: "bun", splitting: true, outdir: ${JSON.stringify(outdir)} })`;
  const inFolder = ["sh", "-c", 'cd "$0" && exec "$@"', folder.path(".")];
  const built = await run([...inFolder, process.execPath, "-e", script]);
  expect(built).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("the build's context has what the Dockerfile copies, no more", () => {
  const kept = textOf("deploy/Dockerfile.dockerignore").matchAll(/^!(.*)$/gm);
  const names = Array.from(kept, ([, name]) => name!);
  expect(names.toSorted()).toEqual(copied.toSorted());
});

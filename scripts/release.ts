/**
 * Makes what a release consists of, with its sums and its bill of materials:
 *
 *   bun run release [--target bun-linux-arm64]... [--outdir dist]
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";

import { $ } from "bun";

import { version } from "../package.json" with { type: "json" };
import { billOfMaterials } from "./sbom.ts";

const ROOT = join(import.meta.dir, "..");
const FAILED = 1;
const MISTAKE = 2;

/** All that this Bun compiles for. */
const TARGETS = [
  "bun-linux-x64",
  "bun-linux-x64-baseline",
  "bun-linux-x64-musl",
  "bun-linux-x64-musl-baseline",
  "bun-linux-arm64",
  "bun-linux-arm64-musl",
  "bun-darwin-x64",
  "bun-darwin-x64-baseline",
  "bun-darwin-arm64",
  "bun-windows-x64",
  "bun-windows-x64-baseline",
  "bun-windows-arm64",
];

function fail(message: string, status: number): never {
  process.stderr.write(`release: ${message}\n`);
  process.exit(status);
}

function options() {
  try {
    return parseArgs({
      options: {
        target: { type: "string", multiple: true, default: TARGETS },
        outdir: { type: "string", default: join(ROOT, "dist") },
      },
    }).values;
  } catch (error) {
    return fail((error as Error).message, MISTAKE);
  }
}

/** As reproducible-builds.org has it; without it, of the last commit. */
async function time(): Promise<Date> {
  const given = process.env["SOURCE_DATE_EPOCH"];
  const text =
    given ?? (await $`git log -1 --format=%ct`.cwd(ROOT).quiet().text()).trim();
  if (!/^\d+$/.test(text)) {
    fail(`SOURCE_DATE_EPOCH is seconds since 1970, not "${text}"`, MISTAKE);
  }
  return new Date(Number(text) * 1000);
}

async function sha256(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}

/** What a release before this one left; all else in the folder stays. */
const OURS = /^(sounder-\d.*|SHA256SUMS)$/;

async function oursIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => OURS.test(name)).toSorted();
}

/** As sha256sum writes them. */
async function sums(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const name of await oursIn(folder)) {
    lines.push(`${await sha256(join(folder, name))}  ${name}\n`);
  }
  return lines.join("");
}

const { target: targets, outdir } = options();
const unknown = targets.find((target) => !TARGETS.includes(target));
if (unknown !== undefined) {
  fail(`"${unknown}" is no target: ${TARGETS.join(", ")}`, MISTAKE);
}
try {
  const date = await time();
  await mkdir(outdir, { recursive: true });
  for (const name of await oursIn(outdir)) await rm(join(outdir, name));
  await $`${process.execPath} pm pack --destination ${outdir}`
    .cwd(ROOT)
    .quiet();
  for (const target of targets) {
    const name = `sounder-${version}${target.replace(/^bun/, "")}`;
    const script = join(ROOT, "scripts/compile.ts");
    await $`${process.execPath} ${script} --target ${target} --outfile ${join(outdir, name)}`.quiet();
  }
  await Bun.write(
    join(outdir, `sounder-${version}.cdx.json`),
    await billOfMaterials(date),
  );
  await Bun.write(join(outdir, "SHA256SUMS"), await sums(outdir));
} catch (error) {
  const { stderr, message } = error as $.ShellError;
  fail(
    String(stderr ?? message)
      .trim()
      .replaceAll("\n", " "),
    FAILED,
  );
}
for (const name of await oursIn(outdir)) {
  console.log(relative("", join(outdir, name)));
}

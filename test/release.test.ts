import { expect, test } from "bun:test";
import { join } from "node:path";

import Ajv from "ajv";

import self from "../package.json" with { type: "json" };
import { copyCheckout } from "./support/checkout.ts";
import { run } from "./support/cli.ts";
import { temporaryFolder } from "./support/folder.ts";

const { version } = self;
const TARGET = `${process.platform}-${process.arch}`;
const FILES = [
  "SHA256SUMS",
  `sounder-${version}-${TARGET}`,
  `sounder-${version}.cdx.json`,
  `sounder-${version}.tgz`,
];
const SCHEMAS = join(
  import.meta.dir,
  "../node_modules/@cyclonedx/cyclonedx-library/res/schema",
);

const schema = (name: string) =>
  Bun.file(join(SCHEMAS, `${name}.SNAPSHOT.schema.json`)).json();

interface Component {
  name: string;
  purl: string;
  hashes?: unknown[];
  licenses?: unknown[];
}

interface Bill {
  metadata: { timestamp: string; component: { version: string } };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

function release(checkout: string, ...args: string[]) {
  const script = join(checkout, "scripts/release.ts");
  const env = ["env", "SOURCE_DATE_EPOCH=1000000000"];
  return run([...env, process.execPath, script, ...args]);
}

test("two releases have the same sums, which their files have", async () => {
  await using folder = await temporaryFolder();
  const checkout = folder.path("checkout");
  await copyCheckout(checkout);
  const sums: string[] = [];
  for (const name of ["one", "two"]) {
    const outdir = folder.path(name);
    await Bun.write(join(outdir, "sounder-0.0.1.tgz"), "of another release");
    const args = ["--target", `bun-${TARGET}`, "--outdir", outdir];
    const { stdout, stderr, status } = await release(checkout, ...args);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const made = stdout.trim().split("\n");
    expect(made.map((path) => path.split("/").at(-1))).toEqual(FILES);
    const checked = await run([
      "sh",
      "-c",
      'cd "$0" && sha256sum -c SHA256SUMS',
      outdir,
    ]);
    const fine = FILES.slice(1).map((file) => `${file}: OK\n`);
    expect(checked).toEqual({ stdout: fine.join(""), stderr: "", status: 0 });
    sums.push(await Bun.file(join(outdir, "SHA256SUMS")).text());
  }
  expect(sums[1]).toBe(sums[0]!);

  const executable = join(folder.path("one"), FILES[1]!);
  const told = await run([executable, "--version"]);
  expect(told).toEqual({ stdout: `${version}\n`, stderr: "", status: 0 });
  await checkBill(join(folder.path("one"), FILES[2]!));
}, 120_000);

async function checkBill(path: string): Promise<void> {
  const bill = (await Bun.file(path).json()) as Bill;
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ["spdx", "jsf-0.82", "cryptography-defs"]) {
    const id = `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`;
    ajv.addSchema(await schema(name), id);
  }
  const validate = ajv.compile(await schema("bom-1.6"));
  validate(bill);
  expect(validate.errors).toBeNull();
  expect(bill.metadata).toMatchObject({
    timestamp: "2001-09-09T01:46:40.000Z",
    component: { version },
  });

  const refs = bill.components.map(({ purl }) => purl);
  const direct = bill.dependencies.find(
    ({ ref }) => ref === `pkg:npm/sounder@${version}`,
  )!.dependsOn!;
  const names = direct.map((ref) => ref.replace(/^pkg:npm\/(.+)@.*$/, "$1"));
  expect(names.toSorted()).toEqual(
    ["bun", ...Object.keys(self.dependencies)].toSorted(),
  );
  for (const { ref, dependsOn = [] } of bill.dependencies) {
    for (const other of dependsOn) expect(refs).toContain(other);
    if (ref !== `pkg:npm/sounder@${version}`) expect(refs).toContain(ref);
  }
  // What only developers need is not shipped.
  expect(refs.join()).not.toMatch(/oxlint|playwright|typescript@|fast-check/);
  for (const { purl, hashes, licenses } of bill.components) {
    expect([purl, licenses?.length]).toEqual([purl, 1]);
    if (!purl.startsWith("pkg:npm/bun@")) {
      expect([purl, hashes?.length]).toEqual([purl, 1]);
    }
  }
}

test("it says which targets there are", async () => {
  const root = join(import.meta.dir, "..");
  const told = await release(root, "--target", "bun-amiga");
  expect(told).toMatchObject({ stdout: "", status: 2 });
  expect(told.stderr).toMatch(/^release: "bun-amiga" is no target: bun-.*\n$/);
});

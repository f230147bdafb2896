import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { type Measured, row } from "../../bench/peers/row.ts";
import { run } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

function measured(rate: number): Measured {
  return { rate, p50: 50, p99: 90, ok: true };
}

test("row() leaves out rounds that could not be measured, and says so", () => {
  const base = [measured(1000), null, measured(1000), measured(1000)];
  const own = [measured(500), measured(800), null, measured(600)];
  expect(row("it", base, base)).toBe(
    "| it | 1,000/s | 1.00 (1.00–1.00) | 50 µs | 90 µs | 1 of 4 runs failed |",
  );
  expect(row("it", own, base)).toBe(
    "| it | 600/s | 0.55 (0.50–0.60) | 50 µs | 90 µs | 1 of 4 runs failed |",
  );
  expect(row("it", [null], base)).toBe(
    "| it | – | – | – | – | 1 of 1 runs failed |",
  );
  expect(row("it", own.slice(0, 1), base)).toEndWith("| all came back |");
});

test("peers() leaves no folder behind", async () => {
  await using folder = await temporaryFolder();
  const peers = join(import.meta.dir, "../../bench/peers/peers.ts");
  const script = `(await import(${JSON.stringify(peers)})).peers()`;
  const { status } = await run([
    "env",
    `TMPDIR=${folder.path(".")}`,
    process.execPath,
    "-e",
    script,
  ]);
  expect(status).toBe(0);
  expect(readdirSync(folder.path("."))).toEqual([]);
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { printable } from "../../printable.ts";
import { failure } from "../../errors/errors.ts";
import { formatDuration, plural } from "../../units.ts";
import { output } from "../shared/output.ts";
import { CHECKS, type Seen } from "./checks.ts";

/** Milliseconds that a check may take: many times what it needs. */
const PATIENCE = 20_000;

const NAME_WIDTH = Math.max(...CHECKS.map(([name]) => name.length));

/** Proves that Sounder works here. @returns the exit status */
export async function prove(): Promise<number> {
  const start = performance.now();
  const folder = await temporaryFolder();
  let failed = 0;
  try {
    for (const [name, check] of CHECKS) {
      const { mark, text } = await judge(check(folder));
      if (mark === "✗") failed += 1;
      await output(`${mark} ${name.padEnd(NAME_WIDTH)}  ${printable(text)}\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const took = formatDuration(performance.now() - start);
  await output(
    failed === 0
      ? `PASS  sounder works here; that took ${took}\n`
      : `FAIL  ${plural(failed, "check")} failed; that took ${took}\n`,
  );
  return failed === 0 ? 0 : 1;
}

async function temporaryFolder(): Promise<string> {
  const place = tmpdir();
  try {
    return await mkdtemp(join(place, "sounder-"));
  } catch (error) {
    throw failure(`cannot make a folder in ${place}`, error);
  }
}

async function judge(check: Promise<Seen>) {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () =>
    reject(new Error(`not done in ${formatDuration(PATIENCE)}`));
  const timer = setTimeout(late, PATIENCE);
  try {
    const { text, skipped } = await Promise.race([check, promise]);
    return { mark: skipped ? "–" : "✓", text };
  } catch (error) {
    return { mark: "✗", text: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}

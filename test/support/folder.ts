import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is gone where its scope ends. */
export async function temporaryFolder(): Promise<
  AsyncDisposable & { path(name: string): string }
> {
  const folder = await mkdtemp(join(tmpdir(), "sounder-"));
  return {
    path: (name) => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

import { readFile } from "node:fs/promises";

import { failure } from "../../errors/errors.ts";

/** @param path `-` is standard input @throws SounderError */
export async function readInput(
  path: string | undefined,
): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  try {
    return path === "-" ? await Bun.stdin.bytes() : await readFile(path);
  } catch (error) {
    throw failure(`cannot read ${path}`, error);
  }
}

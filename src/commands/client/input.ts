import { fstatSync, read } from "node:fs";
import { promisify } from "node:util";

import type { Source } from "../../client/exchange.ts";
import { failure } from "../../errors/errors.ts";

/** As much as Bun receives at once. */
const BLOCK = 512 * 1024;

/** Bytes, where standard input is a file. */
export function inputSize(): number | undefined {
  const stat = fstatSync(0);
  return stat.isFile() ? stat.size : undefined;
}

function failing(source: Source): Source {
  return async () => {
    try {
      return await source();
    } catch (error) {
      throw failure("cannot read standard input", error);
    }
  };
}

/** Standard input in chunks that nobody overwrites. */
export function lastingInput(): Source {
  // Where it is a folder, getReader() throws already.
  const open = () => Bun.stdin.stream().getReader();
  let reader: ReturnType<typeof open>;
  return failing(async () => (await (reader ??= open()).read()).value);
}

/**
 * Standard input in chunks that last until the next is asked for. A file is
 * read into one buffer over and over, which costs a sixth less than fresh ones.
 */
export function input(): Source {
  if (inputSize() === undefined) return lastingInput();
  const block = Buffer.allocUnsafeSlow(BLOCK);
  const readBlock = promisify(read);
  return failing(async () => {
    const { bytesRead } = await readBlock(0, block, 0, BLOCK, null);
    return bytesRead > 0 ? block.subarray(0, bytesRead) : undefined;
  });
}

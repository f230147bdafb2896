import { createReadStream } from "node:fs";

import { mayBeResults } from "../../result/read.ts";
import { failure, Reason } from "../../errors/errors.ts";
import { formatBytes } from "../../units.ts";

/** Of a run of 24 days, longer than which none can be, some 700 MB. */
const LARGEST = 2 ** 30;

/**
 * All of a file of results; `-` is standard input. Of what is none, and may be
 * endless, no more is read than its beginning.
 * @throws SounderError that names it: `EFBIG` if it is larger than any can be
 */
export async function readText(
  file: string,
  largest = LARGEST,
): Promise<string> {
  const action = `cannot read ${file === "-" ? "stdin" : file}`;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // Bun's own stream of a file can't be one of a device.
    const stream = file === "-" ? Bun.stdin.stream() : createReadStream(file);
    for await (const chunk of stream) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > largest) break;
      if (chunks.length === 1 && !mayBeResults(textOf(chunk))) break;
    }
  } catch (error) {
    throw failure(action, error);
  }
  if (size > largest) {
    const why = `it is larger than ${formatBytes(largest)}`;
    throw failure(action, new Reason("EFBIG", why));
  }
  return textOf(Buffer.concat(chunks));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

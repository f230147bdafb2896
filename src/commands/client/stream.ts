import type { Connection } from "../../client/connection.ts";
import { exchange } from "../../client/exchange.ts";
import { Verifier } from "../../client/verifier.ts";
import { release } from "../../socket/release.ts";
import { formatBytes, formatDuration, plural } from "../../units.ts";
import { input, inputSize, lastingInput } from "./input.ts";
import { output } from "../shared/output.ts";
import { Progress } from "./progress.ts";

export interface StreamOptions {
  /** What comes back goes to a verifier, not to standard output. */
  verify?: true | undefined;
  /** Milliseconds without a byte until it fails. */
  timeout?: number | undefined;
}

/**
 * Streams standard input to the server and what comes back to standard output,
 * or to the verifier.
 */
export async function stream(
  connection: Connection,
  { verify, timeout }: StreamOptions,
): Promise<number> {
  if (verify) await output(await verified(connection, timeout));
  else await printed(connection, timeout);
  return 0;
}

/** One chunk is received while the one before it is written. */
async function printed(
  connection: Connection,
  timeout: number | undefined,
): Promise<void> {
  let writing = Promise.resolve();
  function print(chunk: Buffer): Promise<void> {
    const before = writing;
    writing = output(chunk).then(() => release(chunk));
    writing.catch(() => {});
    return before;
  }
  try {
    await exchange(connection, input(), print, { timeout });
  } finally {
    // Also what came before a failure is shown.
    await writing;
  }
}

/** @returns the summary */
async function verified(
  connection: Connection,
  timeout: number | undefined,
): Promise<string> {
  const start = performance.now();
  const verifier = new Verifier(connection.target);
  await using _progress = new Progress(() => verifier.verified, inputSize());
  const source = lastingInput();
  await exchange(connection, source, release, { timeout, verifier });
  const ms = performance.now() - start;
  const bytes = verifier.verified;
  return (
    `verified ${plural(bytes, "byte")} in ${formatDuration(ms)}, ` +
    `${formatBytes((bytes / ms) * 1000)}/s: all came back, in order\n`
  );
}

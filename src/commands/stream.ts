import type { Connection } from "../client/connection.ts";
import { exchange, type Sink } from "../client/exchange.ts";
import { Verifier } from "../client/verifier.ts";
import { failure } from "../socket/errors.ts";
import { formatBytes, formatDuration, plural } from "../units.ts";
import type { ClientFlags } from "./client.ts";
import { input, inputSize, lastingInput } from "./input.ts";
import { Progress } from "./progress.ts";

/**
 * Streams standard input to the server and what comes back to standard output,
 * or to the verifier.
 */
export async function stream(
  connection: Connection,
  { verify, timeout }: ClientFlags,
): Promise<number> {
  process.once("SIGINT", () => process.exit(130));
  if (!verify) {
    const output = standardOutput();
    await Promise.race([
      exchange(connection, input(), output.sink, { timeout }),
      output.failed,
    ]);
    return 0;
  }

  const start = performance.now();
  const verifier = new Verifier();
  {
    using _progress = new Progress(() => verifier.verified, inputSize());
    const source = lastingInput();
    await exchange(connection, source, () => {}, { timeout, verifier });
  }
  const ms = performance.now() - start;
  const { verified } = verifier;
  process.stdout.write(
    `verified ${plural(verified, "byte")} in ${formatDuration(ms)}, ` +
      `${formatBytes((verified / ms) * 1000)}/s: all came back, in order\n`,
  );
  return 0;
}

function standardOutput(): { sink: Sink; failed: Promise<never> } {
  const failed = Promise.withResolvers<never>();
  const { stdout } = process;
  stdout.on("error", (error) => {
    failed.reject(failure("cannot write to standard output", error));
  });
  const sink: Sink = (chunk) => {
    if (stdout.write(chunk)) return;
    return new Promise((resolve) => stdout.once("drain", resolve));
  };
  return { sink, failed: failed.promise };
}

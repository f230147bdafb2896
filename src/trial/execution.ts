import { failure } from "../errors/errors.ts";
import type { TcpEndpoint } from "../address/endpoint.ts";
import { environment, filledIn } from "./command-line.ts";
import { endAll, marked } from "./strays.ts";
import { Kept, Tail } from "./streams.ts";
import type { Outcome } from "./verdict.ts";

export interface Execution extends Outcome {
  seconds: number;
  /** The last lines of either. */
  stdoutTail: string;
  stderrTail: string;
}

export interface ExecutionOptions {
  command: readonly string[];
  /** Where it is to connect. */
  endpoint: TcpEndpoint;
  /** Its standard input: nothing by default. */
  input: Uint8Array | undefined;
  /** Milliseconds it may take. */
  timeout: number;
  /**
   * Bytes that have passed, for a client that may take its time: it has hung
   * only if this has not grown for so long.
   */
  progress?: (() => number) | undefined;
  /** Ends it at once. */
  stop: AbortSignal;
}

/** Times the timeout that a client may take whose bytes still pass. */
const SLOWEST = 10;

/** What holds its output open after its end is not waited for longer. */
const PIPES_WITHIN = 1000;

/**
 * Calls `hung` once it is over, with the milliseconds that it took.
 * @returns what calls it off
 */
function deadline(
  { timeout, progress }: Pick<ExecutionOptions, "timeout" | "progress">,
  hung: (after: number) => void,
): () => void {
  let before = progress?.();
  let turns = 0;
  const timer = setInterval(() => {
    const now = progress?.();
    const moves = now !== before;
    before = now;
    turns += 1;
    if (moves && turns < SLOWEST) return;
    clearInterval(timer);
    hung(turns * timeout);
  }, timeout);
  return () => clearInterval(timer);
}

function start(
  { command, endpoint, input }: ExecutionOptions,
  run: string,
): Bun.Subprocess<"ignore" | Uint8Array, "pipe", "pipe"> {
  const words = filledIn(command, endpoint);
  try {
    return Bun.spawn(words, {
      stdin: input ?? "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, ...environment(endpoint), ...marked(run) },
      // A session of its own: a group to end, and no terminal to ask at.
      detached: true,
    });
  } catch (error) {
    throw failure(`cannot run ${words[0]}`, error);
  }
}

/** The line that says why: the last about an error, or the last of all. */
function lastWords(stderr: string): string {
  const lines = stderr.trimEnd().split("\n");
  const line =
    lines.findLast((one) => /error|fail/i.test(one)) ?? lines.at(-1)!;
  return line.trim();
}

/**
 * Runs the command once, to its end or to ours, and leaves none of its
 * processes behind.
 * @throws SounderError if it can't be started
 */
export async function execute(options: ExecutionOptions): Promise<Execution> {
  const { stop } = options;
  const run = crypto.randomUUID();
  const since = performance.now();
  const child = start(options, run);
  const end = () => endAll(child.pid, run);
  let hungFor: number | null = null;
  let flooded = false;
  const callOff = deadline(options, (after) => {
    hungFor = after;
    end();
  });
  stop.addEventListener("abort", end);
  const stdout = new Kept(child.stdout, () => {
    flooded = true;
    end();
  });
  const stderr = new Tail(child.stderr);
  try {
    if (stop.aborted) end();
    await child.exited;
  } finally {
    callOff();
    stop.removeEventListener("abort", end);
  }
  const seconds = (performance.now() - since) / 1000;
  // Whoever still has its output, in the background, ends with it.
  end();
  await Promise.all([stdout.ended(PIPES_WITHIN), stderr.ended(PIPES_WITHIN)]);
  const { signalCode } = child;
  const ended = hungFor !== null || flooded;
  return {
    status: ended ? null : child.exitCode,
    signal: ended || signalCode === null ? null : String(signalCode),
    hungFor,
    flooded,
    seconds,
    stdout: stdout.bytes,
    stdoutTail: stdout.tail,
    stderrTail: stderr.text,
    lastWords: lastWords(stderr.text),
  };
}

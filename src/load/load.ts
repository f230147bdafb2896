import { type Endpoint, parseEndpoint } from "../address/endpoint.ts";
import { isAddress } from "../address/given.ts";
import { SounderError } from "../errors/errors.ts";
import { REPLY_KINDS, type ReplyKind } from "../protocol/reply.ts";
import type { Result } from "../result/result.ts";
import {
  check,
  checkOptions,
  OBJECT,
  oneOf,
  readOption,
  type Rule,
  type Rules,
  SIGNAL,
  SWITCH,
  TEXT,
  TEXTS,
  TIME,
  TIME_OR_NONE,
  WHOLE,
} from "../options.ts";
import { checkClientTls } from "../socket/tls/client-options.ts";
import type { ClientTls } from "../socket/tls/client.ts";
import { checkProgram } from "../workers/program.ts";
import { tooMuch } from "./amounts.ts";
import { type Goal, parseGoal } from "./outcome/goals.ts";
import { checkOpenFiles } from "./open-files.ts";
import { DEFAULTS, type LoadOptions } from "./options.ts";
import { resultOf } from "./outcome/outcome.ts";
import { run } from "./run.ts";

/** What load() is to do. Times are milliseconds, rates messages a second. */
export interface LoadCallOptions {
  /** @default 64 */
  connections?: number | undefined;
  /** How long to measure. @default 10_000 */
  duration?: number | undefined;
  /** How many messages to measure, instead of how long. */
  messages?: number | undefined;
  /** Bytes of a message. @default 64 */
  size?: number | undefined;
  /** Messages in flight on a connection. @default 1 */
  pipeline?: number | undefined;
  /** An open loop, all connections together; without it, as fast as answers. */
  rate?: number | undefined;
  /** How a rate is spread. @default "even" */
  arrivals?: "even" | "poisson" | undefined;
  /** Traffic before measuring begins. @default 1000 */
  warmup?: number | undefined;
  /** Over how long connections are opened and the rate is raised. @default 0 */
  ramp?: number | undefined;
  /** Processes that make the load; one makes it in this process. @default 1 */
  workers?: number | undefined;
  /** @default 10_000 */
  connectTimeout?: number | undefined;
  /** A message unanswered for so long is given up. @default 10_000 */
  timeout?: number | undefined;
  /** What the server answers. @default "auto": it is asked */
  reply?: "auto" | ReplyKind | undefined;
  /** Whether a lost connection is replaced. @default true */
  reconnect?: boolean | undefined;
  /** What is random depends on it. @default 1 */
  seed?: number | undefined;
  /** For `tls://`: whom to trust, and who we are. */
  tls?: ClientTls | undefined;
  /** The version of a PROXY header to begin each connection with. */
  sendProxy?: 1 | 2 | undefined;
  /** What the verdict is about, as `p99<2ms` or `errors<0.1%`. */
  goals?: readonly string[] | undefined;
  /** Is told in the result. */
  label?: string | undefined;
  /** Gives it up: it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const CALL = "load()";

const ADDRESS: Rule = {
  holds: isAddress,
  wants: "an address: a string, or as parseEndpoint() gives it",
};
const FINITE_COUNT: Rule = {
  holds: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  wants: "a whole number from 1 on",
};

const LOAD: Rules<LoadCallOptions> = {
  connections: FINITE_COUNT,
  duration: TIME,
  messages: FINITE_COUNT,
  size: FINITE_COUNT,
  pipeline: FINITE_COUNT,
  rate: {
    holds: (value) => Number.isFinite(value) && Number(value) > 0,
    wants: "messages a second, more than 0",
  },
  arrivals: oneOf("even", "poisson"),
  warmup: TIME_OR_NONE,
  ramp: TIME_OR_NONE,
  workers: FINITE_COUNT,
  connectTimeout: TIME,
  timeout: TIME,
  reply: oneOf("auto", ...REPLY_KINDS),
  reconnect: SWITCH,
  seed: WHOLE,
  tls: OBJECT,
  sendProxy: oneOf(1, 2),
  goals: TEXTS,
  label: TEXT,
  signal: SIGNAL,
};

/**
 * Measures a server, as `sounder load --json` does: throughput, latency, and
 * whether every byte came back.
 *
 * @example
 * const { verdict, latency } = await load("127.0.0.1:8007", {
 *   duration: 2000,
 *   goals: ["p99<50ms"],
 * });
 *
 * @param address as on the command line
 * @returns the object that docs/result.schema.json describes; its `verdict` is
 * `fail` where an answer was lost or wrong, or a goal was missed
 * @throws SounderError that names why it can't be measured, or the option whose
 * value makes no sense; the signal's reason
 */
export async function load(
  address: string | Endpoint = "localhost",
  options: LoadCallOptions = {},
): Promise<Result> {
  const { signal, label } = options;
  const { load: asked, goals } = checkedLoad(address, options);
  signal?.throwIfAborted();
  checkOpenFiles(asked);
  // run() takes one for what measures, and one for what is in flight then.
  const end = new AbortController();
  const abort = () => end.abort();
  signal?.addEventListener("abort", abort);
  try {
    const done = await run(asked, SILENT, end.signal, end.signal);
    signal?.throwIfAborted();
    return resultOf(done, goals, CALL, label ?? null);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

const SILENT = { phase() {}, second() {} };

/** @throws SounderError `EOPTION`, `EADDRESS` or `ETLS` */
function checkedLoad(
  address: string | Endpoint,
  options: LoadCallOptions,
): { load: LoadOptions; goals: Goal[] } {
  check(CALL, "its address", address, ADDRESS);
  checkOptions(CALL, options, LOAD);
  const target =
    typeof address === "string"
      ? readOption(CALL, () => parseEndpoint(address))
      : address;
  const { tls, sendProxy, messages, duration, goals = [] } = options;
  if (tls !== undefined) {
    checkClientTls({ call: CALL, option: "tls" }, target, tls);
  }
  const given = Object.entries(options).filter(
    ([name, value]) => Object.hasOwn(DEFAULTS, name) && value !== undefined,
  );
  const asked: LoadOptions = {
    ...DEFAULTS,
    ...Object.fromEntries(given),
    target,
    approach: { tls, sendProxy },
    until:
      messages === undefined ? { duration: duration ?? 10_000 } : { messages },
  };
  const wrong =
    messages !== undefined && duration !== undefined
      ? "messages and duration are given, and only one can be"
      : (tooMuch(asked) ?? inArrivals(asked));
  if (wrong !== undefined)
    throw new SounderError(`${CALL}: ${wrong}`, "EOPTION");
  // A worker without a connection would have nothing to do.
  asked.workers = Math.min(asked.workers, asked.connections);
  if (asked.workers > 1) checkProgram(CALL);
  return { load: asked, goals: goals.map(goalOf) };
}

function inArrivals({ arrivals, rate }: LoadOptions): string | undefined {
  return arrivals === "poisson" && rate === undefined
    ? "arrivals are poisson, but there is no rate: a closed loop has no arrivals"
    : undefined;
}

function goalOf(text: string): Goal {
  try {
    return parseGoal(text);
  } catch (error) {
    const { message } = error as Error;
    throw new SounderError(`${CALL}: goals: ${message}`, "EOPTION");
  }
}

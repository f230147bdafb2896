import { Command, Option } from "commander";

import { parseGoal, type Goal } from "../../load/goals.ts";
import { DEFAULTS, type LoadOptions } from "../../load/options.ts";
import { type Endpoint, parseEndpoint } from "../../address/endpoint.ts";
import { LOAD_WORKER } from "../../workers/commands.ts";
import { approachOptions, readApproach } from "../shared/approach.ts";
import type { MeasureFlags } from "./run.ts";
import {
  argument,
  countOption,
  durationOption,
  rateOption,
  sizeOption,
  targetArgument,
  timeoutOption,
  workersOption,
} from "../shared/options.ts";
import { REPLY_KINDS, type ReplyKind } from "../../protocol/reply.ts";

/** How long is measured where nobody said, in milliseconds. */
const DURATION = 10_000;
/** And of a step of a search, whose goals' percentiles may need many messages. */
const STEP_MOST = 60_000;
/** Times of messages in flight take 16 bytes each, all at the start. */
const IN_FLIGHT_MOST = 2 ** 26;
/** Bytes of them all: they are counted, and beyond 2^53 no longer one by one. */
const BYTES_IN_FLIGHT_MOST = 2 ** 50;
/** Messages a second: more than any machine sends, and still told apart. */
const RATE_MOST = 1e9;

const EXAMPLES = `
Examples:
  sounder load                               64 connections, 10 s, closed loop
  sounder load 192.0.2.7:8007 -c 1000 -s 1KiB -p 16
  sounder load -r 20k --arrivals poisson     open loop: 20,000 messages a second
  sounder load -r 5k --goal "p99<2ms" --goal "errors<0.1%"   pass or fail
  sounder load --find-rate --goal "p99<2ms"  the highest rate that still meets it
  sounder load --json - --html report.html   for scripts, and to look at
`;

interface LoadFlags extends MeasureFlags {
  connections: number;
  duration?: number;
  messages?: number;
  size: number;
  pipeline: number;
  rate?: number;
  arrivals: "even" | "poisson";
  warmup: number;
  ramp: number;
  workers: number;
  connectTimeout: number;
  timeout: number;
  reply: "auto" | ReplyKind;
  reconnect: boolean;
  seed: number;
}

export function loadCommand(finish: (status: number) => void): Command {
  const command = new Command("load")
    .summary("measure a server: throughput, latency, integrity")
    .description(
      "Sends messages to any echo server, checks every byte that comes back, " +
        "and tells how fast and how reliably they came.",
    )
    .addOption(
      countOption("-c, --connections <count>", "connections at once").default(
        DEFAULTS.connections,
      ),
    )
    .addOption(
      timeoutOption(
        "-d, --duration <duration>",
        "how long (default: 10s); with --find-rate, a step at most (60s)",
      ),
    )
    .addOption(
      countOption(
        "-n, --messages <count>",
        "how many messages, instead",
      ).conflicts("duration"),
    )
    .addOption(
      sizeOption("-s, --size <size>", "bytes of a message").default(
        DEFAULTS.size,
      ),
    )
    .addOption(
      countOption(
        "-p, --pipeline <count>",
        "messages in flight on a connection",
      ).default(DEFAULTS.pipeline),
    )
    .addOption(
      rateOption(
        "-r, --rate <rate>",
        "messages a second in all: an open loop (default: as answers come)",
      ),
    )
    .addOption(
      new Option("--arrivals <how>", "of the messages of an open loop")
        .choices(["even", "poisson"])
        .default(DEFAULTS.arrivals),
    )
    .addOption(
      durationOption(
        "--warmup <duration>",
        "traffic before measuring begins",
      ).default(DEFAULTS.warmup, "1s"),
    )
    .addOption(
      durationOption(
        "--ramp <duration>",
        "open connections, and raise the rate, over so long",
      ).default(DEFAULTS.ramp, "0s"),
    )
    .addOption(
      workersOption("processes that make the load").default(DEFAULTS.workers),
    )
    .addOption(
      timeoutOption(
        "--connect-timeout <duration>",
        "give up connecting after",
      ).default(DEFAULTS.connectTimeout, "10s"),
    )
    .addOption(
      timeoutOption(
        "--timeout <duration>",
        "give up a message, and its connection, after",
      ).default(DEFAULTS.timeout, "10s"),
    )
    .addOption(
      new Option("--reply <what>", "what the server answers; auto asks it")
        .choices(["auto", ...REPLY_KINDS])
        .default(DEFAULTS.reply),
    )
    .option("--no-reconnect", "don't replace a lost connection")
    .addOption(
      new Option(
        "--goal <goal>",
        '"p99<2ms", "max<10ms", "mean<1ms", "errors<0.1%"; several',
      )
        .argParser((text: string, before: Goal[]) => [
          ...before,
          argument(parseGoal, "--goal")(text),
        ])
        .default([], "none"),
    )
    .option("--find-rate", "search the highest rate that meets the goals")
    .addOption(
      countOption(
        "--seed <number>",
        "for the bytes, and for Poisson arrivals",
      ).default(DEFAULTS.seed),
    )
    .option("--label <text>", "what to call the run in its result")
    .option("--json <file>", "the result as JSON; - is standard output")
    .option("--html <file>", "a report to look at, in one file")
    .option("--hlog <file>", "an HdrHistogram log, an interval a second");
  return approachOptions(targetArgument(command))
    .addHelpText("after", EXAMPLES)
    .action(async (target: Endpoint | undefined, flags: LoadFlags) => {
      const options = optionsOf(target, flags, command);
      const { measure } = await import("./run.ts");
      finish(await measure(options, flags));
    });
}

/** What a worker process of a load runs; load/remote.ts starts it. */
export function loadWorkerCommand(finish: (status: number) => void): Command {
  return new Command(LOAD_WORKER).action(async () => {
    const { serveAsWorker } = await import("../../load/remote.ts");
    await serveAsWorker();
    finish(0);
  });
}

function optionsOf(
  target: Endpoint | undefined,
  flags: LoadFlags,
  command: Command,
): LoadOptions {
  if (
    flags.arrivals === "poisson" &&
    (flags.rate ?? flags.findRate) === undefined
  ) {
    command.error(
      "--arrivals poisson wants --rate: a closed loop has no arrivals",
    );
  }
  if (flags.findRate && flags.goal.length === 0) {
    command.error('--find-rate wants a --goal, such as "p99<2ms"');
  }
  if (flags.findRate && (flags.rate ?? flags.messages) !== undefined) {
    command.error("--find-rate chooses --rate and --messages itself");
  }
  if (flags.connections * flags.pipeline > IN_FLIGHT_MOST) {
    command.error(
      `--connections times --pipeline can be ${IN_FLIGHT_MOST} at most`,
    );
  }
  const inFlight = flags.connections * flags.pipeline * flags.size;
  if (inFlight > BYTES_IN_FLIGHT_MOST) {
    command.error(
      "--size times --connections times --pipeline can be 1 PiB at most",
    );
  }
  if (flags.rate !== undefined && flags.rate > RATE_MOST) {
    command.error(`--rate can be ${RATE_MOST} at most`);
  }
  const { messages, duration = flags.findRate ? STEP_MOST : DURATION } = flags;
  return {
    target: target ?? parseEndpoint("localhost"),
    approach: readApproach(flags, target, command),
    connections: flags.connections,
    until: messages === undefined ? { duration } : { messages },
    size: flags.size,
    pipeline: flags.pipeline,
    rate: flags.rate,
    arrivals: flags.arrivals,
    warmup: flags.warmup,
    ramp: flags.ramp,
    // A worker without a connection would have nothing to do.
    workers: Math.min(flags.workers, flags.connections),
    connectTimeout: flags.connectTimeout,
    timeout: flags.timeout,
    reply: flags.reply,
    reconnect: flags.reconnect,
    seed: flags.seed,
  };
}

import { parseGoal } from "../../load/outcome/goals.ts";
import { DEFAULTS, type LoadOptions } from "../../load/options.ts";
import { REPLY_KINDS } from "../../protocol/reply.ts";
import {
  absent,
  choice,
  count,
  duration,
  type Flag,
  list,
  present,
  rate,
  size,
  text,
  timeLimit,
  workers,
} from "../shared/flags.ts";
import { type FlagsOf, group } from "../shared/group.ts";
import { APPROACH, HTML_FILE, JSON_FILE } from "../shared/groups.ts";

const UNTIL = group("Load:", {
  duration: timeLimit(
    "-d, --duration <duration>",
    "how long (default: 10s); with --find-rate, a step at most (60s)",
  ),
  messages: count(
    "-n, --messages <count>",
    "how many messages, instead of how long",
  ).conflicts("duration"),
});

/** Each is an option of the load by the same name. */
export const LOAD = group("Load:", {
  connections: count("-c, --connections <count>", "connections at once").or(
    DEFAULTS.connections,
  ),
  size: size("-s, --size <size>", "bytes of a message").or(DEFAULTS.size),
  pipeline: count(
    "-p, --pipeline <count>",
    "messages in flight on a connection",
  ).or(DEFAULTS.pipeline),
  rate: rate(
    "-r, --rate <rate>",
    "messages a second in all: an open loop (default: as answers come)",
  ),
  arrivals: choice(
    "--arrivals <how>",
    "when the messages of an open loop are due",
    ["even", "poisson"],
  ).or(DEFAULTS.arrivals),
  warmup: duration("--warmup <duration>", "traffic before measuring begins").or(
    DEFAULTS.warmup,
  ),
  ramp: duration(
    "--ramp <duration>",
    "open connections, and raise the rate, over so long",
  ).or(DEFAULTS.ramp),
  workers: workers("processes that make the load").or(DEFAULTS.workers),
  connectTimeout: timeLimit(
    "--connect-timeout <duration>",
    "give up connecting after",
  ).or(DEFAULTS.connectTimeout),
  timeout: timeLimit(
    "--timeout <duration>",
    "give up a message, and its connection, after",
  ).or(DEFAULTS.timeout),
  reply: choice("--reply <what>", "what the server answers; auto asks it", [
    "auto",
    ...REPLY_KINDS,
  ]).or(DEFAULTS.reply),
  reconnect: absent("--no-reconnect", "don't replace a lost connection"),
  seed: count(
    "--seed <number>",
    "of the random bytes and of Poisson arrivals",
  ).or(DEFAULTS.seed),
} satisfies Record<
  keyof Omit<LoadOptions, "target" | "approach" | "until">,
  Flag<unknown>
>);

const GOALS = group("Goals:", {
  goal: list(
    "--goal <goal>",
    '"p99<2ms", "max<10ms", "mean<1ms", "errors<0.1%"; several',
    parseGoal,
  ).or([]),
  findRate: present(
    "--find-rate",
    "search the highest rate that meets the goals",
  ).conflicts(["rate", "messages"]),
});

const MORE_RESULTS = group("Results:", {
  hlog: text("--hlog <file>", "an HdrHistogram log, an interval a second"),
  label: text("--label <text>", "what to call the run in its result"),
});

export const GROUPS = [
  UNTIL,
  LOAD,
  GOALS,
  JSON_FILE,
  HTML_FILE,
  MORE_RESULTS,
  APPROACH,
] as const;

export type LoadFlags = FlagsOf<typeof GROUPS>;

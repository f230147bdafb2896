import { type Endpoint, parseEndpoint } from "../../address/endpoint.ts";
import type { LoadOptions } from "../../load/options.ts";
import { formatCount } from "../../units.ts";
import { approachOf } from "../shared/approach.ts";
import { pick } from "../shared/group.ts";
import { mistake } from "../shared/mistake.ts";
import { LOAD, type LoadFlags } from "./flags.ts";

/** How long is measured where nobody said, in milliseconds. */
const DURATION = 10_000;
/** And of a step of a search, whose goals' percentiles may need many messages. */
const STEP_MOST = 60_000;
/** Times of messages in flight take 16 bytes each, all at the start. */
const MESSAGES_MOST = 2 ** 26;
/** Bytes of them all: they are counted, and beyond 2^53 no longer one by one. */
const BYTES_IN_FLIGHT_MOST = 2 ** 50;
/** Messages a second: more than any machine sends, and still told apart. */
const RATE_MOST = 1e9;

/**
 * The load that the flags ask for.
 * @throws CommanderError if they don't fit together
 * @throws SounderError if a file can't be used
 */
export function optionsOf(
  target: Endpoint | undefined,
  flags: LoadFlags,
): LoadOptions {
  const wrong = inSearch(flags) ?? inAmounts(flags);
  if (wrong !== undefined) throw mistake(wrong);
  const { messages, duration = flags.findRate ? STEP_MOST : DURATION } = flags;
  return {
    ...pick(flags, LOAD),
    target: target ?? parseEndpoint("localhost"),
    approach: approachOf(flags, target),
    until: messages === undefined ? { duration } : { messages },
    // A worker without a connection would have nothing to do.
    workers: Math.min(flags.workers, flags.connections),
  };
}

function inSearch({
  arrivals,
  rate,
  findRate,
  goal,
}: LoadFlags): string | undefined {
  if (arrivals === "poisson" && rate === undefined && !findRate) {
    return "--arrivals poisson wants --rate: a closed loop has no arrivals";
  }
  return findRate && goal.length === 0
    ? '--find-rate wants a --goal, such as "p99<2ms"'
    : undefined;
}

function inAmounts(flags: LoadFlags): string | undefined {
  const inFlight = flags.connections * flags.pipeline;
  if (inFlight > MESSAGES_MOST) {
    return `--connections times --pipeline can be ${formatCount(MESSAGES_MOST)} at most`;
  }
  if (inFlight * flags.size > BYTES_IN_FLIGHT_MOST) {
    return "--size times --connections times --pipeline can be 1 PiB at most";
  }
  return flags.rate !== undefined && flags.rate > RATE_MOST
    ? `--rate can be ${formatCount(RATE_MOST)} at most`
    : undefined;
}

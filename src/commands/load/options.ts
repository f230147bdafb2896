import { type Endpoint, parseEndpoint } from "../../address/endpoint.ts";
import { tooMuch } from "../../load/amounts.ts";
import type { LoadOptions } from "../../load/options.ts";
import { approachOf } from "../shared/approach.ts";
import { pick } from "../shared/group.ts";
import { mistake } from "../shared/mistake.ts";
import { LOAD, type LoadFlags } from "./flags.ts";

/** How long is measured where nobody said, in milliseconds. */
const DURATION = 10_000;
/** And of a step of a search, whose goals' percentiles may need many messages. */
const STEP_MOST = 60_000;

/**
 * The load that the flags ask for.
 * @throws CommanderError if they don't fit together
 * @throws SounderError if a file can't be used
 */
export function optionsOf(
  target: Endpoint | undefined,
  flags: LoadFlags,
): LoadOptions {
  const wrong = inSearch(flags) ?? tooMuch(flags, "--");
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

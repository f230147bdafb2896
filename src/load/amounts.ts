import { formatCount } from "../units.ts";
import type { LoadOptions } from "./options.ts";

/** Times of messages in flight take 16 bytes each, all at the start. */
const IN_FLIGHT_MOST = 2 ** 26;
/** Bytes of them all: they are counted, and beyond 2^53 no longer one by one. */
const BYTES_IN_FLIGHT_MOST = 2 ** 50;
/** Messages a second: more than any machine sends, and still told apart. */
const RATE_MOST = 1e9;

type Amounts = Pick<LoadOptions, "connections" | "pipeline" | "size" | "rate">;

/**
 * Why amounts can't be had together; undefined if they can.
 * @param prefix of an option's name: `--` on the command line
 */
export function tooMuch(
  { connections, pipeline, size, rate }: Amounts,
  prefix = "",
): string | undefined {
  const inFlight = connections * pipeline;
  if (inFlight > IN_FLIGHT_MOST) {
    return `${prefix}connections times ${prefix}pipeline can be ${formatCount(IN_FLIGHT_MOST)} at most`;
  }
  if (inFlight * size > BYTES_IN_FLIGHT_MOST) {
    return `${prefix}size times ${prefix}connections times ${prefix}pipeline can be 1 PiB at most`;
  }
  return rate !== undefined && rate > RATE_MOST
    ? `${prefix}rate can be ${formatCount(RATE_MOST)} at most`
    : undefined;
}

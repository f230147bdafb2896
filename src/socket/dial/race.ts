import type { Endpoint } from "../../address/endpoint.ts";
import { Reason } from "../../errors/errors.ts";
import { formatDuration, LONGEST_TIMER } from "../../units.ts";
import { resolve } from "../resolve.ts";
import { firstOf } from "./head-start.ts";

/** One socket on its way. */
export interface Dialled<Value> {
  opened: Promise<Value>;
  /** Closes it unless it was taken: a TLS handshake may never end. */
  abandon(): void;
}

export interface RaceOptions<Value> {
  /** Milliseconds. */
  timeout: number;
  /** Nobody waits for it any more. */
  signal?: AbortSignal;
  /**
   * Opens a socket to one address.
   * @param take whether it is the first to open; if not, it is to be closed
   */
  dial(address: Endpoint, take: () => boolean): Dialled<Value>;
}

/** Milliseconds in which what has arrived is seen, once the loop turns again. */
const SEEN_WITHIN = 20;

/**
 * One try at every address of a name; the first to answer is taken.
 * @throws an error with a code: `ETIMEDOUT`, the resolver's, or why the last
 * address could not be had
 */
export async function race<Value>(
  target: Endpoint,
  { timeout, signal, dial }: RaceOptions<Value>,
): Promise<Value> {
  const within = `no answer within ${formatDuration(timeout)}`;
  const late = Promise.withResolvers<never>();
  let over = false;
  const abandons: (() => void)[] = [];
  const take = () => {
    if (over) return false;
    over = true;
    return true;
  };
  const giveUp = () => {
    if (take()) late.reject(new Reason("ETIMEDOUT", within));
  };
  const left = () => {
    if (take()) late.reject(new Reason("ECONNABORTED"));
  };
  // What came while this process stood still is to be seen first.
  let timer = setTimeout(
    () => (timer = setTimeout(giveUp, SEEN_WITHIN)),
    Math.min(timeout, LONGEST_TIMER),
  );
  signal?.addEventListener("abort", left);

  try {
    const found = await Promise.race([resolve(target), late.promise]);
    const opened = firstOf(found, (address) => {
      if (over) return late.promise;
      const dialled = dial(address, take);
      abandons.push(dialled.abandon);
      return dialled.opened;
    });
    return await Promise.race([opened, late.promise]);
  } finally {
    over = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", left);
    for (const abandon of abandons) abandon();
  }
}

import { DEFAULTS, type LoadOptions } from "../../src/load/options.ts";
import { resultOf } from "../../src/load/outcome/outcome.ts";
import { run, type Watcher } from "../../src/load/run.ts";
import type { Result } from "../../src/result/result.ts";
import { parseEndpoint } from "../../src/address/endpoint.ts";

export interface Measuring extends Partial<LoadOptions> {
  watcher?: Partial<Watcher>;
  stop?: AbortSignal;
}

/** A short load from this process. */
export async function measure(
  address: string,
  { watcher, stop, ...options }: Measuring = {},
): Promise<Result> {
  const done = await run(
    {
      ...DEFAULTS,
      target: parseEndpoint(address),
      connections: 4,
      until: { messages: 100 },
      warmup: 20,
      ...options,
    },
    { phase() {}, second() {}, ...watcher },
    stop ?? new AbortController().signal,
  );
  return resultOf(done, [], "sounder load");
}

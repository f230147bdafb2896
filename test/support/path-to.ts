import type { Endpoint } from "../../src/address/endpoint.ts";
import { DEFAULTS } from "../../src/check/check.ts";
import type { Check } from "../../src/check/checks/check.ts";
import type { Finding } from "../../src/check/finding.ts";
import { meet } from "../../src/check/meet.ts";
import { Path, type Reach } from "../../src/check/path.ts";
import type { Approach } from "../../src/socket/dial/dial.ts";

export interface PathOptions extends Partial<Reach> {
  approach?: Approach;
  stop?: AbortSignal;
}

/** A path to a server that is known already, as checks get it. */
export async function pathTo(
  target: Endpoint,
  { approach = {}, stop, ...reach }: PathOptions = {},
): Promise<Path> {
  const path = new Path(
    target,
    approach,
    { ...DEFAULTS, ...reach },
    stop ?? new AbortController().signal,
  );
  path.known = await meet(path);
  return path;
}

/** What one check finds there. */
export async function found(
  check: Check,
  target: Endpoint,
  options: PathOptions = {},
): Promise<Finding> {
  return check.run(await pathTo(target, options), () => {});
}

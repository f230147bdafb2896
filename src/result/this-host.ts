import { availableParallelism, hostname } from "node:os";

import { version } from "../../package.json" with { type: "json" };
import type { Host } from "./result.ts";

/** This machine, and what runs on it. */
export function thisHost(): Host {
  return {
    name: hostname(),
    cores: availableParallelism(),
    sounder: version,
    bun: Bun.version,
  };
}

import { readFileSync } from "node:fs";

/** SIGHUP is signal 1, the lowest bit of a mask. */
const SIGHUP = 1n;

/**
 * Whether we were started with SIGHUP ignored, as `nohup` does it: then it is
 * to stay so. Only Linux tells.
 */
export function startedByNohup(): boolean {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const [, ignored = "0"] = /^SigIgn:\s*([\da-f]+)$/m.exec(status) ?? [];
    return (BigInt(`0x${ignored}`) & SIGHUP) !== 0n;
  } catch {
    return false;
  }
}

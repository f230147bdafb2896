import { ptr } from "bun:ffi";

import { cFunctions } from "./c-library.ts";

/** ioctl(2): bytes that the peer has not acknowledged yet; tcp(7). */
const SIOCOUTQ = 0x5411;

type Ioctl = (fd: number, request: bigint, into: Int32Array) => number;

let ioctl: Ioctl | null | undefined;

/** Null where it can't be had, such as off Linux. */
function load(): Ioctl | null {
  if (process.platform !== "linux") return null;
  const c = cFunctions({
    ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  });
  return c === undefined
    ? null
    : (fd, request, into) => c.ioctl(fd, request, ptr(into));
}

/**
 * How many written bytes the peer's kernel has not got yet. Only once there are
 * none does a reset not take some of them back.
 * @returns undefined where that can't be told
 */
export function unsentBytes(fd: number | undefined): number | undefined {
  ioctl ??= load();
  if (ioctl === null || fd === undefined || fd < 0) return undefined;
  const answer = new Int32Array(1);
  return ioctl(fd, BigInt(SIOCOUTQ), answer) === 0 ? answer[0] : undefined;
}

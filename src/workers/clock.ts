import { dlopen, FFIType, ptr } from "bun:ffi";

/** The C library by its names, and its number for CLOCK_MONOTONIC. */
const PLATFORMS: Record<string, { names: string[]; monotonic: number }> = {
  linux: {
    names: ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"],
    monotonic: 1,
  },
  darwin: { names: ["libSystem.B.dylib"], monotonic: 6 },
};

const GETTIME = {
  clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
} as const;

/**
 * Milliseconds by a clock that all processes of a machine share and nobody
 * sets: `performance.now()` begins with its process, and the time of day may
 * be put forward. Where there is none, it is that all the same.
 */
export const sharedClock: () => number = monotonic() ?? timeOfDay;

function monotonic(): (() => number) | undefined {
  const platform = PLATFORMS[process.platform];
  for (const name of platform?.names ?? []) {
    try {
      const { symbols } = dlopen(name, GETTIME);
      const timespec = new BigInt64Array(2);
      const read = () =>
        symbols.clock_gettime(platform!.monotonic, ptr(timespec));
      if (read() !== 0) continue;
      return () => {
        read();
        return Number(timespec[0]) * 1e3 + Number(timespec[1]) / 1e6;
      };
    } catch {
      // It is not that one.
    }
  }
  return undefined;
}

function timeOfDay(): number {
  return performance.timeOrigin + performance.now();
}

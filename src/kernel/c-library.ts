import { dlopen, type FFIFunction, type Pointer, read } from "bun:ffi";
import { constants } from "node:os";

/** The C library's names: glibc's, and musl's by processor. */
const NAMES: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"],
  darwin: ["libSystem.B.dylib"],
};

type Functions<Wanted extends Record<string, FFIFunction>> = ReturnType<
  typeof dlopen<Wanted>
>["symbols"];

/** Functions of the C library; undefined where they can't be called. */
export function cFunctions<Wanted extends Record<string, FFIFunction>>(
  wanted: Wanted,
): Functions<Wanted> | undefined {
  for (const name of NAMES[process.platform] ?? []) {
    try {
      return dlopen(name, wanted).symbols;
    } catch {
      // It is not that one.
    }
  }
  return undefined;
}

/**
 * The code of the call that has just failed, such as `EAGAIN`; undefined where
 * it is not known.
 * @param errno where the C library leaves its number: `__errno_location()`
 */
export function codeAt(errno: Pointer | bigint | null): string | undefined {
  const number = read.i32(errno as Pointer, 0);
  const codes = Object.entries(constants.errno);
  return codes.find(([, known]) => known === number)?.[0];
}

import { dlopen, type FFIFunction } from "bun:ffi";

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

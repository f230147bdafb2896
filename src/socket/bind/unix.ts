import { type BigIntStats, lstatSync, readFileSync, unlinkSync } from "node:fs";
import { basename } from "node:path";

import { codeOf, Reason } from "../../errors/errors.ts";
import { connectCode, unixSocket } from "../../kernel/connect-code.ts";
import { lock } from "./lock.ts";

/** As the kernel wants it: an abstract name begins with a NUL, not with `@`. */
export function kernelName(path: string): string {
  return path.startsWith("@") ? `\0${path.slice(1)}` : path;
}

/** Bytes of the longest name that Bun takes, its first NUL included. */
const LONGEST_FOR_BUN = 107;

/**
 * Where Bun's listen() and connect() find a Unix socket. Bun wants a NUL behind
 * every name, which abstract ones have not got: the longest is opened for it.
 * @param name as the kernel has it
 * @throws an error with the kernel's code
 */
export function unixPlace(
  name: string,
  act: "connect" | "listen",
): { unix: string } {
  const abstract = name.startsWith("\0");
  if (!abstract || Buffer.byteLength(name) <= LONGEST_FOR_BUN) {
    return { unix: name };
  }
  const opened = unixSocket(name, act);
  if (typeof opened !== "number") {
    throw Object.assign(new Error("it can't be opened"), {
      code: opened ?? "EINVAL",
    });
  }
  // Missing from Bun's types of listen().
  return { fd: opened } as unknown as { unix: string };
}

/** Without following a link. */
function statsAt(path: string): BigIntStats | undefined {
  return lstatSync(path, { throwIfNoEntry: false, bigint: true });
}

function idOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** Which socket a path leads to; undefined where that is none. */
function socketAt(path: string): string | undefined {
  const stats = statsAt(path);
  return stats?.isSocket() ? idOf(stats) : undefined;
}

/**
 * Whether a socket is bound there that does not listen yet, or never will:
 * connecting is refused there as if nobody had it. Of one in another network
 * namespace, proc(5) does not tell.
 */
function isBound(path: string): boolean {
  const file = socketAt(path);
  const isHere = (name: string) =>
    name.startsWith("/")
      ? socketAt(name) === file
      : basename(name) === basename(path);
  const sockets = readFileSync("/proc/self/net/unix", "utf8").split("\n");
  // Flags without __SO_ACCEPTCON, and SS_UNCONNECTED.
  const unconnected = /^(?:\S+ +){3}00000000 +\S+ +01 +\S+ (.+)$/;
  return sockets.some((line) => {
    const name = unconnected.exec(line)?.[1];
    return name !== undefined && isHere(name);
  });
}

/**
 * A socket file that nobody has any more, left by a server that was killed.
 * Where that can't be told for sure, it is not.
 */
function isStale(path: string): boolean {
  try {
    return (
      socketAt(path) !== undefined &&
      connectCode(path) === "ECONNREFUSED" &&
      !isBound(path)
    );
  } catch {
    return false;
  }
}

/** A listener on a Unix socket. */
export interface Claimed<Listener> {
  listener: Listener;
  /**
   * Whether the file at its path, which Bun unlinks when the listener stops, is
   * not another's: somebody may have moved ours away, and have any file there.
   */
  mayStop(): boolean;
}

/**
 * Listens on a path, in place of a killed server's socket if there is one.
 * @param open binds and listens at a name of the kernel's, without a wait
 * @throws what `open` does: an error with `EADDRINUSE` where somebody has it
 */
export async function claim<Listener>(
  path: string,
  open: (name: string) => Listener,
): Promise<Claimed<Listener>> {
  if (path.startsWith("@")) {
    return { listener: open(kernelName(path)), mayStop: () => true };
  }
  // Bun would make an abstract name, or the start of one, of it.
  if (path.includes("\0"))
    throw new Reason("EINVAL", "a path has no NUL in it");
  // Two that start at once must not take each other's for a dead one's.
  using _lock = await lock(`listen/${Bun.hash(basename(path))}`);
  let listener: Listener;
  try {
    listener = open(path);
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE" || !isStale(path)) throw error;
    unlinkSync(path);
    listener = open(path);
  }
  const ours = socketAt(path);
  return {
    listener,
    mayStop() {
      const found = statsAt(path);
      return found === undefined || idOf(found) === ours;
    },
  };
}

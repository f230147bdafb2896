import { closeSync } from "node:fs";

import { cFunctions, codeAt } from "./c-library.ts";
import { parseIp } from "../address/ip.ts";
import { familyOf, ipAddress, unixAddress } from "./sockaddr.ts";

/** socket(2), as Linux has it. */
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
/** SOCK_NONBLOCK and SOCK_CLOEXEC. */
const FLAGS = 0o4000 | 0o2000000;

/** As Bun has it. */
const BACKLOG = 512;
/** To look for a route, any port will do: this is RFC 863's. */
const DISCARD = 9;

type Libc = ReturnType<typeof load>;
let loaded: Libc | "not yet" = "not yet";

/** Undefined off Linux, and where the C library can't be called. */
function load() {
  if (process.platform !== "linux") return undefined;
  return cFunctions({
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    listen: { args: ["i32", "i32"], returns: "i32" },
    __errno_location: { args: [], returns: "ptr" },
  });
}

/**
 * What connect(2) says: a code; "" if it connects; undefined where the kernel
 * can't be asked.
 */
function codeOfConnect(type: number, address: Buffer): string | undefined {
  const fd = opened(type, address, "connect");
  if (typeof fd !== "number") return fd;
  closeSync(fd);
  return "";
}

/** A descriptor; or the code of what failed, undefined where it is not known. */
function opened(
  type: number,
  address: Buffer,
  act: "connect" | "listen",
): number | string | undefined {
  const libc = loaded === "not yet" ? (loaded = load()) : loaded;
  if (libc === undefined) return undefined;
  const errno = libc.__errno_location();
  const fd = libc.socket(familyOf(address), type | FLAGS, 0);
  if (fd < 0) return codeAt(errno);
  const failed =
    act === "connect"
      ? libc.connect(fd, address, address.length)
      : libc.bind(fd, address, address.length) || libc.listen(fd, BACKLOG);
  if (failed === 0) return fd;
  const code = codeAt(errno);
  closeSync(fd);
  return code;
}

/**
 * A Unix socket that listens, or is connected, at a name that Bun does not take.
 * @returns its descriptor; or why not, in the kernel's own code; undefined where
 * the kernel can't be asked
 */
export function unixSocket(
  name: string,
  act: "connect" | "listen",
): number | string | undefined {
  return opened(SOCK_STREAM, unixAddress(name), act);
}

/**
 * Why a Unix socket can't be connected to, in the kernel's own code: Bun tells
 * a full queue (`EAGAIN`), another kind of socket (`EPROTOTYPE`) and a lack of
 * descriptors (`EMFILE`) as `ECONNREFUSED`.
 * @param name as the kernel has it
 * @returns "" if it can be; undefined where the kernel can't be asked
 */
export function connectCode(name: string): string | undefined {
  return codeOfConnect(SOCK_STREAM, unixAddress(name));
}

/**
 * Why there is no way to an IP address, such as `ENETUNREACH`, which Bun tells
 * as `ECONNREFUSED`. Nothing is sent: a datagram socket only looks for a route.
 * @returns "" if there is one; undefined where the kernel can't be asked
 */
export function routeCode(host: string): string | undefined {
  const ip = parseIp(host);
  if (ip === undefined) return undefined;
  return codeOfConnect(SOCK_DGRAM, ipAddress(ip, DISCARD));
}
